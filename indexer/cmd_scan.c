/*
 * lindex scan: record the live file system, or another source.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "commands.h"
#include "scan.h"

static const char help[] =
    "usage: lindex scan [OPTION]...\n"
    "Walk the file system, or another source, and commit what changed as one\n"
    "snapshot.\n";

int
cmd_scan(int argc, char **argv)
{
	struct scan_request request;
	int status;

	if (scan_request_parse(&request, argc, argv, help, &status) != 0)
		return status;
	status = scan_any(&request);
	scan_request_done(&request);
	return status;
}
