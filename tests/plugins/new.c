/*
 * Built when both tables will have grown.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <lookback/lab.h>
#include <lookback/plugin.h>

struct new_plugin {
	uint32_t abi, size, kind, flags;
	const char *name, *version, *about;
	const struct lookback_option *options;
	int (*open)(const struct lookback_host *,
	    const struct lookback_setting *, void **);
	void (*close)(void *);
	const void *ops;
	int (*later)(void);
	uint64_t more[64];
};

struct new_lab {
	uint32_t size;
	int (*apply)(void *, const struct lookback_plan *,
	    lookback_finding_fn *, void *);
	int (*observe)(void *, const struct lookback_plan *,
	    lookback_finding_fn *, void *);
	int (*attach)(
	    void *, const struct lookback_place *, const char *, int *);
	int (*detach)(void *, const struct lookback_place *, const char *);
	int (*probe)(void *, const struct lookback_place *, int *);
	int (*trace)(
	    void *, const struct lookback_flow *, lookback_line_fn *, void *);
	int (*later)(void *);
	uint64_t more[64];
};

#define TABLE struct new_plugin
#define OPS_TABLE struct new_lab
#define NAME "new"
#include "tests/plugins/usual.h"
