/*
 * The layout of a segment file, shared by its writer and its reader; told in
 * full at the top of segment_write.c.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef FORMAT_LAYOUT_H
#define FORMAT_LAYOUT_H

#define SEGMENT_MAGIC "LKBKSEG\n"
#define SEGMENT_END "LKBKEND\n"
#define SEGMENT_VERSION 1

enum {
	HEAD_SIZE = 16,
	FOOT_SIZE = 40,
	SECTION_SIZE = 32,
	BLOCK_ROW_SIZE = 40,
	SNAP_SIZE = 16,
};

enum section_id {
	SECTION_SNAPS = 1,
	SECTION_ATTRS = 2,
	SECTION_BLOCKS = 3,
	SECTION_FIRSTS = 4,
	SECTION_DIRECTORY = 5, /* of an index part */
	SECTION_POSTINGS = 6,  /* of the directory before it */
};

#endif
