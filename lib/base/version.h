/*
 * The version of the programs. Formats have numbers of their own.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef BASE_VERSION_H
#define BASE_VERSION_H

#define LOOKBACK_VERSION "0.1"

#endif
