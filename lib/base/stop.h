/*
 * Ctrl-C and its like end a long work by its own means: what is half done is
 * taken back.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef BASE_STOP_H
#define BASE_STOP_H

/* From here on the first SIGINT, SIGTERM or, but for nohup(1), SIGHUP puts its
 * number into *return, which is 0 until then; a second one ends the process. */
volatile const int *stop_on_signals(void);

#endif
