/*
 * Bringing back, from the references to the last file.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef FETCH_FETCH_H
#define FETCH_FETCH_H

#include "fetch/request.h"

enum lget_status {
	LGET_DONE = 0,
	LGET_MISSING = 1, /* something that was asked for was not to be had */
	LGET_ERROR = 2,	  /* an error, or refused */
	LGET_PARTLY = 3,  /* of directories, or by a damaged store */
};

/* Does it all, and says what is to be said. `stop`: as of base/stop.h. */
enum lget_status fetch_run(const struct request *, volatile const int *stop);

#endif
