/*
 * A store as a test remembers it: the raw listing of every snapshot, in plain
 * memory. What a store answers is compared with this.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef SUPPORT_MODEL_H
#define SUPPORT_MODEL_H

#include "base/scope.h"
#include "format/segment.h"
#include "store/store.h"
#include "tests/support/dice.h"

/* All paths that may ever occur, in path order. */
struct model_path {
	char *text; /* owned */
	size_t len;
	size_t up; /* the directory that holds it; the root's is itself */
};

/* A path at a snapshot: EVENT_PUT is there, EVENT_GONE is not. */
struct model_state {
	uint8_t kind;	    /* enum event_kind */
	struct entry entry; /* the last put, also where unseen */
	size_t put;	    /* the snapshot of that put (index) */
	size_t unseen;	    /* that since which it is unseen (index) */
};

struct model_snap {
	uint32_t id; /* the store's */
	bool kept;
	uint64_t entries;
	struct digest digest;
	struct model_state *state; /* of each path; owned */
	struct scope scope;	   /* owned */
};

#define MODEL_SNAPS 400
struct model_series {
	char name[32];
	struct model_snap snap[MODEL_SNAPS];
	size_t n;
	struct model_state *disk; /* what is really there; owned */
};

#define MODEL_SERIES 4
struct model {
	struct dice dice;
	struct model_path *path; /* owned */
	size_t n_paths;
	struct model_series series[MODEL_SERIES];
};

/* Paths of strange bytes, some below others. */
void model_init(struct model *, uint64_t seed, size_t n_paths);
void model_done(struct model *);

/* Change some of what is on disk. */
void model_live(struct model *, struct model_series *);

/* Record one more snapshot, the same in model and store: by observing the disk
 * (with prune settings, unreadable directories, without metadata), or by
 * events such as a push brings. Expects that the store says the same. */
void model_record(struct model *, struct model_series *, struct store *);

/* Drop some snapshots in both. */
void model_drop(struct model *, struct store *);

/* Every kept snapshot's row, listing and changes in the store are the
 * model's. */
void model_compare(const struct model *, struct store *);

#endif
