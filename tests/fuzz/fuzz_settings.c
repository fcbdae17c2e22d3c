/*
 * lindex.conf and server.conf: refused with file and line, or usable.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "indexer/server_settings.h"
#include "indexer/settings.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	const char *text = (const char *)data;
	struct settings host;
	struct server_settings server;
	struct buf b = { 0 };
	struct err err = ERR_INIT;

	if (settings_load_text(&host, "f", text, len, &err) == 0) {
		if (scope_encode(&host.prune, &b) == 0) {
			struct scope again;

			if (scope_decode(&again, b.data, b.len, &err) != 0)
				abort();
			scope_done(&again);
		}
		settings_done(&host);
	} else if (strncmp(err.where, "f:", 2) != 0)
		abort();
	buf_done(&b);
	if (server_settings_load_text(&server, "f", text, len, &err) == 0) {
		struct quota q = server_quota(&server, "web01");

		if (q.max_bytes == 0 || q.max_path_length == 0 ||
		    q.idle_timeout_ns <= 0 ||
		    server_retention(&server, "web01/x").keep_last < -1)
			abort();
		server_settings_done(&server);
	} else if (strncmp(err.where, "f:", 2) != 0)
		abort();
	return 0;
}
