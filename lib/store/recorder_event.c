/*
 * The events of a push, each checked against the state that it changes.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "store/recorder_private.h"

#include "base/path.h"

#include <assert.h>

/* The state of a path; NULL: nothing. Decodes nothing on the way. */
static int
state_before(struct recorder *r, const char *path, size_t len,
    const struct listing_item **ret, struct err *err)
{
	int cmp = -1, rc;

	*ret = NULL;
	if (r->listing == NULL || r->at_end)
		return 0;
	if (r->has_item)
		cmp = path_cmp(r->item.path, r->item.len, path, len);
	if (cmp < 0) {
		r->has_item = false;
		if ((rc = listing_seek(r->listing, path, len, err)) != 0 ||
		    (rc = recorder_peek(r, err)) != 0)
			return rc;
		if (r->at_end)
			return 0;
		cmp = path_cmp(r->item.path, r->item.len, path, len);
	}
	if (cmp == 0)
		*ret = &r->item;
	return 0;
}

static const char *
kind_name(uint8_t kind)
{
	switch ((enum event_kind)kind) {
	case EVENT_PUT:
		return "put";
	case EVENT_GONE:
		return "gone";
	case EVENT_UNSEEN:
		return "unseen";
	}
	return "unknown";
}

static int
add_event(struct recorder *r, const char *path, size_t len, uint8_t kind,
    const struct entry *entry, struct err *err)
{
	const struct listing_item *was;
	uint8_t state;
	int rc;

	if ((rc = recorder_next_path(r, path, len, false, err)) != 0 ||
	    (rc = state_before(r, path, len, &was, err)) != 0)
		return rc;
	state = was == NULL ? EVENT_GONE : was->kind;
	/* The peer may know as unseen what we have forgotten: where the put and
	 * the unseen after it come to count on one kept snapshot. */
	if (state == EVENT_GONE && kind == EVENT_GONE)
		return 0;
	if (!event_is_change(
		state, was == NULL ? NULL : &was->entry, kind, entry))
		return err_set(err, ERR_FORMAT,
		    "%.*s: event \"%s\" is illegal where it is \"%s\" before",
		    (int)(len < 200 ? len : 200), path, kind_name(kind),
		    kind_name(state));
	return recorder_emit(r, path, len, was, kind, entry, err);
}

int
recorder_event(struct recorder *r, const char *path, size_t len, uint8_t kind,
    const struct entry *entry, struct err *err)
{
	assert(r->events);
	if (add_event(r, path, len, kind, entry, err) == 0)
		return 0;
	r->failed = true;
	return err_wrap(err, "recording %s", r->series);
}
