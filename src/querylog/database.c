// SPDX-License-Identifier: GPL-2.0-or-later
#include "database.h"

#include <errno.h>
#include <stddef.h>

#define VFS_NAME "here"

int database_error(int sqlite)
{
	switch (sqlite & 0xff) {
	case SQLITE_OK:
	case SQLITE_ROW:
	case SQLITE_DONE:
		return 0;
	case SQLITE_FULL:
		return -ENOSPC;
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
	case SQLITE_SCHEMA:
	case SQLITE_CONSTRAINT:
	case SQLITE_MISMATCH:
		return -EBADMSG;
	case SQLITE_NOMEM:
		return -ENOMEM;
	case SQLITE_READONLY:
		return -EROFS;
	case SQLITE_CANTOPEN:
	case SQLITE_PERM:
	case SQLITE_AUTH:
		return -EACCES;
	default:
		return -EIO;
	}
}

int database_run(sqlite3 *db, const char *sql)
{
	return database_error(sqlite3_exec(db, sql, NULL, NULL, NULL));
}

int database_number(sqlite3 *db, const char *sql, sqlite3_int64 *ret_number)
{
	sqlite3_stmt *statement = NULL;
	int ret = database_error(sqlite3_prepare_v2(db, sql, -1, &statement, NULL));

	if (!ret && sqlite3_step(statement) == SQLITE_ROW &&
	    sqlite3_column_type(statement, 0) == SQLITE_INTEGER)
		*ret_number = sqlite3_column_int64(statement, 0);
	else if (!ret)
		ret = -ENOENT;
	if (database_error(sqlite3_finalize(statement)))
		ret = database_error(sqlite3_errcode(db));
	return ret;
}

static int name_as_it_is(sqlite3_vfs *vfs, const char *name, int size, char *out)
{
	(void)vfs;
	sqlite3_snprintf(size, out, "%s", name);
	return SQLITE_OK;
}

static int vfs_make(void)
{
	static sqlite3_vfs vfs;
	const sqlite3_vfs *usual;

	if (sqlite3_vfs_find(VFS_NAME))
		return SQLITE_OK;
	usual = sqlite3_vfs_find(NULL);
	if (!usual)
		return SQLITE_ERROR;
	vfs = *usual;
	vfs.zName = VFS_NAME;
	vfs.pNext = NULL;
	vfs.xFullPathname = name_as_it_is;
	return sqlite3_vfs_register(&vfs, 0);
}

int database_open(const char *name, sqlite3 **ret_db)
{
	int ret = vfs_make();

	*ret_db = NULL;
	if (!ret)
		ret = sqlite3_open_v2(name, ret_db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE,
				      VFS_NAME);
	if (!ret)
		sqlite3_extended_result_codes(*ret_db, 1);
	return database_error(ret);
}
