// SPDX-License-Identifier: GPL-2.0-or-later
/* The database as it is found, made, or set aside. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "log.h"
#include "store_internal.h"

/* "hpql" */
#define APPLICATION 1752199532

static const char schema[] =
	"BEGIN IMMEDIATE;"
	"CREATE TABLE meta (key TEXT PRIMARY KEY, value INTEGER) WITHOUT ROWID;"
	"CREATE TABLE numbers (kind INTEGER, number INTEGER, label INTEGER,"
	" PRIMARY KEY (kind, number)) WITHOUT ROWID;"
	"CREATE TABLE labels (id INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE, age INTEGER);"
	"CREATE TABLE clients (id INTEGER PRIMARY KEY, addr BLOB NOT NULL UNIQUE, age INTEGER);"
	"CREATE TABLE names (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, age INTEGER);"
	"CREATE TABLE queries (id INTEGER PRIMARY KEY, at INTEGER NOT NULL,"
	" client INTEGER NOT NULL, name INTEGER NOT NULL, outcome INTEGER NOT NULL,"
	" type INTEGER NOT NULL, rcode INTEGER NOT NULL, upstream INTEGER, list INTEGER,"
	" took INTEGER NOT NULL);"
	"PRAGMA application_id = 1752199532;"
	"PRAGMA user_version = 1;"
	"COMMIT;";

/* Before the first table: how it gives room back is decided then. */
static const char ways
	[] = /* Nobody else has it: what processes would share is kept in memory, and a full disk cannot take it away under us. */
	"PRAGMA locking_mode = EXCLUSIVE;"
	"PRAGMA auto_vacuum = INCREMENTAL;"
	"PRAGMA journal_mode = WAL;"
	/* A power cut may take the last second, and damages nothing. */
	"PRAGMA synchronous = NORMAL;"
	"PRAGMA wal_autocheckpoint = 256;"
	"PRAGMA journal_size_limit = 1048576;"
	"PRAGMA cache_size = -4096;"
	"PRAGMA temp_store = MEMORY;"
	/* What is taken away shall be gone. */
	"PRAGMA secure_delete = ON;";

static const char *const interns[] = {
	[STORE_NAMES] = "INSERT INTO names (name, age) VALUES (?1, ?2) ON CONFLICT DO UPDATE SET "
			"age = ?2 RETURNING id",
	[STORE_CLIENTS] = "INSERT INTO clients (addr, age) VALUES (?1, ?2) ON CONFLICT DO UPDATE "
			  "SET age = ?2 RETURNING id",
	[STORE_LABELS] = "INSERT INTO labels (text, age) VALUES (?1, ?2) ON CONFLICT DO UPDATE "
			 "SET age = ?2 RETURNING id",
};

static const char insert[] = "INSERT INTO queries (id, at, client, name, outcome, type, rcode, "
			     "upstream, list, took) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";

static sqlite3_int64 meta_number(struct store *store, const char *sql)
{
	sqlite3_int64 number = 0;

	database_number(store->db, sql, &number);
	return number;
}

static int labels_recall(struct store *store)
{
	sqlite3_stmt *statement = NULL;
	int ret = sqlite3_prepare_v2(store->db, "SELECT kind, number, label FROM numbers", -1,
				     &statement, NULL);

	while (!ret && sqlite3_step(statement) == SQLITE_ROW) {
		int kind = sqlite3_column_int(statement, 0);
		int number = sqlite3_column_int(statement, 1);

		if (kind >= 0 && kind < DNS_LABEL_KIND_MAX && number > 0 && number < 256)
			store->labels[kind][number] = sqlite3_column_int64(statement, 2);
	}
	sqlite3_finalize(statement);
	return database_error(ret);
}

int store_recall(struct store *store)
{
	sqlite3_int64 last;

	for (size_t i = 0; i < STORE_TABLES; i++)
		memset(store->known[i], 0, STORE_KNOWN * sizeof(*store->known[i]));
	memset(store->words, 0, sizeof(store->words));
	memset(store->labels, 0, sizeof(store->labels));
	store->place.ring = (__u64)meta_number(store, "SELECT value FROM meta WHERE key = 'ring'");
	store->place.at = (__u64)meta_number(store, "SELECT value FROM meta WHERE key = 'at'");
	store->next = meta_number(store, "SELECT value FROM meta WHERE key = 'next'");
	last = meta_number(store, "SELECT max(id) FROM queries");
	if (store->next <= last)
		store->next = last + 1;
	return labels_recall(store);
}

/* 0; -EBADMSG: it is none of ours; -ENOENT: it is empty. */
static int layout_check(sqlite3 *db)
{
	sqlite3_int64 application = 0, layout = 0, tables = 0;
	int ret = database_number(db, "SELECT count(*) FROM sqlite_master", &tables);

	if (ret)
		return ret;
	if (!tables)
		return -ENOENT;
	if (database_number(db, "PRAGMA application_id", &application) ||
	    database_number(db, "PRAGMA user_version", &layout))
		return -EBADMSG;
	return application == APPLICATION && layout == STORE_LAYOUT ? 0 : -EBADMSG;
}

static int statements_make(struct store *store)
{
	int ret = sqlite3_prepare_v3(store->db, insert, -1, SQLITE_PREPARE_PERSISTENT,
				     &store->insert, NULL);

	for (size_t i = 0; i < STORE_TABLES && !ret; i++)
		ret = sqlite3_prepare_v3(store->db, interns[i], -1, SQLITE_PREPARE_PERSISTENT,
					 &store->intern[i], NULL);
	return database_error(ret);
}

static void database_close(struct store *store)
{
	sqlite3_finalize(store->insert);
	for (size_t i = 0; i < STORE_TABLES; i++) {
		sqlite3_finalize(store->intern[i]);
		store->intern[i] = NULL;
	}
	sqlite3_close(store->db);
	store->insert = NULL;
	store->db = NULL;
}

static int try_open(struct store *store)
{
	int ret = database_open(STORE_FILE, &store->db);

	if (!ret)
		ret = database_run(store->db, ways);
	if (!ret) {
		ret = layout_check(store->db);
		if (ret == -ENOENT)
			ret = database_run(store->db, schema);
	}
	if (!ret)
		ret = statements_make(store);
	if (!ret)
		ret = store_recall(store);
	if (ret)
		database_close(store);
	return ret;
}

/* One is kept for whoever wants to look at it; the one before goes. */
void store_set_aside(void)
{
	log_warning("the query log is damaged: it is set aside as %s, and begun anew",
		    STORE_DAMAGED);
	unlink(STORE_FILE "-wal");
	unlink(STORE_FILE "-shm");
	if (rename(STORE_FILE, STORE_DAMAGED))
		unlink(STORE_FILE);
}

/*
 * Clients that were written with their addresses become networks: whoever says "anonymised" means what is there too. In one piece, and out of the
 * journal as well.
 */
static const char networks[] =
	"BEGIN IMMEDIATE;"
	"CREATE TEMP TABLE shorter AS SELECT c.id AS old, network(c.addr) AS addr FROM clients c"
	" WHERE network(c.addr) <> c.addr;"
	"INSERT OR IGNORE INTO clients (addr, age) SELECT s.addr, max(c.age) FROM shorter s"
	" JOIN clients c ON c.id = s.old GROUP BY s.addr;"
	"UPDATE queries SET client = (SELECT c.id FROM shorter s JOIN clients c ON c.addr = s.addr"
	" WHERE s.old = client) WHERE client IN (SELECT old FROM shorter);"
	"DELETE FROM clients WHERE id IN (SELECT old FROM shorter);"
	"DROP TABLE temp.shorter;"
	"COMMIT;"
	"PRAGMA wal_checkpoint(TRUNCATE);";

static void network_of(sqlite3_context *context, int n, sqlite3_value **values)
{
	const __u8 *blob = sqlite3_value_blob(values[0]);
	struct ip_addr addr;
	struct ip_net net;
	__u8 out[sizeof(addr.b) + 1];

	if (n != 1 || sqlite3_value_bytes(values[0]) != (int)sizeof(out)) {
		sqlite3_result_value(context, values[0]);
		return;
	}
	memcpy(addr.b, blob, sizeof(addr.b));
	net = store_client_net(&addr);
	memcpy(out, net.addr.b, sizeof(net.addr.b));
	out[sizeof(net.addr.b)] = net.length;
	sqlite3_result_blob(context, out, sizeof(out), SQLITE_TRANSIENT);
}

static int anonymise(struct store *store)
{
	int ret = database_error(sqlite3_create_function(store->db, "network", 1,
							 SQLITE_UTF8 | SQLITE_DETERMINISTIC, NULL,
							 network_of, NULL, NULL));
	if (!ret)
		ret = database_run(store->db, networks);
	if (ret && !sqlite3_get_autocommit(store->db))
		database_run(store->db, "ROLLBACK");
	return ret;
}

static struct store *store_make(const struct store_settings *settings)
{
	struct store *store = calloc(1, sizeof(*store));

	if (!store)
		return NULL;
	store->settings = *settings;
	for (size_t i = 0; i < STORE_TABLES; i++) {
		store->known[i] = calloc(STORE_KNOWN, sizeof(*store->known[i]));
		if (!store->known[i])
			return store_close(store);
	}
	return store;
}

int store_open(const struct store_settings *settings, struct store **ret_store)
{
	struct store *store = store_make(settings);
	int ret = store ? try_open(store) : -ENOMEM;

	if (ret == -EBADMSG) {
		store_set_aside();
		ret = try_open(store);
	}
	if (!ret && settings->is_anonymised)
		ret = anonymise(store);
	if (ret)
		store_close(store);
	else
		*ret_store = store;
	return ret;
}

struct store *store_close(struct store *store)
{
	if (!store)
		return NULL;
	database_close(store);
	for (size_t i = 0; i < STORE_TABLES; i++)
		free(store->known[i]);
	free(store);
	return NULL;
}
