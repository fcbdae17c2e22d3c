/*
 * Every decoder of the push protocol, on a frame: u8 type, payload.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "format/wire.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct err err = ERR_INIT;
	struct wire_hello hello;
	struct wire_state state;
	struct wire_snapshot snapshot;
	struct wire_unread unread;
	struct wire_ack ack;
	struct wire_events events = { 0 };
	const struct event *event;
	const char *path;
	size_t len;
	struct reader r;
	uint32_t version;

	if (size == 0)
		return 0;
	r = reader_of(data + 1, size - 1);
	switch (data[0]) {
	case WIRE_HELLO:
		(void)wire_get_hello(&hello, r.p, size - 1, &err);
		break;
	case WIRE_WELCOME:
		(void)wire_get_welcome(&version, r.p, size - 1, &err);
		break;
	case WIRE_STATE:
		(void)wire_get_state(&state, r.p, size - 1, &err);
		break;
	case WIRE_SNAPSHOT:
		(void)wire_get_snapshot(&snapshot, r.p, size - 1, &err);
		break;
	case WIRE_UNREAD:
		while (wire_next_unread(&unread, &r, &err) == 0)
			;
		break;
	case WIRE_EVENTS:
		if (wire_open_events(&events, r.p, size - 1, 1u << 20, &err) ==
		    0)
			while (wire_next_event(
				   &events, &path, &len, &event, &err) == 0)
				;
		wire_events_done(&events);
		break;
	case WIRE_ACK:
		(void)wire_get_ack(&ack, r.p, size - 1, &err);
		break;
	}
	return 0;
}
