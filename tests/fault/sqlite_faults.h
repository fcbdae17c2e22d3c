/*
 * SQLite's own reads, writes, syncs and deletes among the calls that fail: a
 * VFS in front of the usual one.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef FAULT_SQLITE_FAULTS_H
#define FAULT_SQLITE_FAULTS_H

#include "tests/fault/faults.h"

#include <sqlite3.h>

struct faulty_file {
	sqlite3_file base;
	sqlite3_file *real; /* behind this struct */
};

static sqlite3_vfs *unix_vfs;
static bool sqlite_faults; /* they count as calls */
/* Deletes left before one that takes the file away and yet fails; -1: none. */
static long late_deletes_left = -1;

static sqlite3_file *
real_of(sqlite3_file *f)
{
	return ((struct faulty_file *)f)->real;
}

static bool
sqlite_fault(void)
{
	return sqlite_faults && faults_now(EIO);
}

#define PASS(name, params, args, error)                     \
	static int faulty_##name params                     \
	{                                                   \
		if ((error) != SQLITE_OK && sqlite_fault()) \
			return (error);                     \
		return real_of(f)->pMethods->x##name args;  \
	}

PASS(Close, (sqlite3_file * f), (real_of(f)), SQLITE_OK)
PASS(Read, (sqlite3_file * f, void *p, int n, sqlite3_int64 off),
    (real_of(f), p, n, off), SQLITE_IOERR_READ)
PASS(Write, (sqlite3_file * f, const void *p, int n, sqlite3_int64 off),
    (real_of(f), p, n, off), SQLITE_FULL)
PASS(Truncate, (sqlite3_file * f, sqlite3_int64 n), (real_of(f), n),
    SQLITE_IOERR_TRUNCATE)
PASS(FileSize, (sqlite3_file * f, sqlite3_int64 *n), (real_of(f), n),
    SQLITE_IOERR_FSTAT)
PASS(Lock, (sqlite3_file * f, int how), (real_of(f), how), SQLITE_IOERR_LOCK)
PASS(Unlock, (sqlite3_file * f, int how), (real_of(f), how), SQLITE_OK)
PASS(CheckReservedLock, (sqlite3_file * f, int *ret), (real_of(f), ret),
    SQLITE_IOERR_CHECKRESERVEDLOCK)
PASS(FileControl, (sqlite3_file * f, int op, void *arg), (real_of(f), op, arg),
    SQLITE_OK)
PASS(SectorSize, (sqlite3_file * f), (real_of(f)), SQLITE_OK)
PASS(DeviceCharacteristics, (sqlite3_file * f), (real_of(f)), SQLITE_OK)

/* Without the disk: what a test kills is the process, not the machine. */
static int
faulty_Sync(sqlite3_file *f, int flags)
{
	(void)f;
	(void)flags;
	return sqlite_fault() ? SQLITE_IOERR_FSYNC : SQLITE_OK;
}

static const sqlite3_io_methods faulty_methods = {
	.iVersion = 1,
	.xClose = faulty_Close,
	.xRead = faulty_Read,
	.xWrite = faulty_Write,
	.xTruncate = faulty_Truncate,
	.xSync = faulty_Sync,
	.xFileSize = faulty_FileSize,
	.xLock = faulty_Lock,
	.xUnlock = faulty_Unlock,
	.xCheckReservedLock = faulty_CheckReservedLock,
	.xFileControl = faulty_FileControl,
	.xSectorSize = faulty_SectorSize,
	.xDeviceCharacteristics = faulty_DeviceCharacteristics,
};

static int
faulty_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *f, int flags,
    int *ret_flags)
{
	struct faulty_file *file = (struct faulty_file *)f;
	int rc;

	(void)vfs;
	file->base.pMethods = NULL;
	file->real = (sqlite3_file *)(file + 1);
	if (sqlite_fault())
		return SQLITE_CANTOPEN;
	rc = unix_vfs->xOpen(unix_vfs, name, file->real, flags, ret_flags);
	if (file->real->pMethods != NULL)
		file->base.pMethods = &faulty_methods;
	return rc;
}

static int
faulty_delete(sqlite3_vfs *vfs, const char *name, int sync)
{
	int rc;

	(void)vfs;
	(void)sync;
	if (sqlite_fault())
		return SQLITE_IOERR_DELETE;
	rc = unix_vfs->xDelete(unix_vfs, name, 0);
	if (late_deletes_left < 0 || late_deletes_left-- > 0)
		return rc;
	faults_hit = true;
	return SQLITE_IOERR_DIR_FSYNC;
}

/* For cmocka's group setup. */
static inline int
sqlite_faults_install(void **state)
{
	static sqlite3_vfs faulty;

	(void)state;
	unix_vfs = sqlite3_vfs_find(NULL);
	faulty = *unix_vfs;
	faulty.zName = "faulty";
	faulty.szOsFile += (int)sizeof(struct faulty_file);
	faulty.xOpen = faulty_open;
	faulty.xDelete = faulty_delete;
	return sqlite3_vfs_register(&faulty, 1);
}

#endif
