/*
 * Ctrl-C and its like end what records, and nothing is committed.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef INDEXER_STOP_H
#define INDEXER_STOP_H

/* From here on the first SIGINT or SIGTERM puts its number into *return, which
 * is 0 until then; a second one ends the process. */
volatile const int *stop_on_signals(void);

#endif
