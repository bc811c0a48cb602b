/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SQLite with our errors, and of one statement the parts that are used everywhere. */
#pragma once

#include <sqlite3.h>

/* -ENOSPC: no room; -EBADMSG: damaged, or no database; -errno of its like. 0 of SQLITE_OK, _ROW and _DONE. */
int database_error(int sqlite);

/* Statements that return nothing, one behind the other. 0 or -errno. */
int database_run(sqlite3 *db, const char *sql);

/* The one number that @sql returns; 0 and *ret_number, -ENOENT: no row or NULL, -errno. */
int database_number(sqlite3 *db, const char *sql, sqlite3_int64 *ret_number);

/*
 * Opens @name in the working directory, which has to be the database's own: names are taken as they are and not as paths from the root, on which
 * the user that this runs as may not look.
 */
int database_open(const char *name, sqlite3 **ret_db);
