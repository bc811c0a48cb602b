// SPDX-License-Identifier: GPL-2.0-or-later
/* What is too old, or too much. */
#include <errno.h>
#include <stdint.h>
#include <stdio.h>

#include "store_internal.h"

/* Rows that go in one transaction: some milliseconds, in which queries wait in the ring. */
#define ROWS 4096
/* Free pages that are given back to the disk in one. */
#define PAGES 1024

struct pages {
	sqlite3_int64 octets, all, unused;
};

static int pages_count(struct store *store, struct pages *ret_pages)
{
	struct pages pages;

	if (database_number(store->db, "PRAGMA page_size", &pages.octets) ||
	    database_number(store->db, "PRAGMA page_count", &pages.all) ||
	    database_number(store->db, "PRAGMA freelist_count", &pages.unused))
		return -EIO;
	*ret_pages = pages;
	return 0;
}

/* The oldest of them by number, and of these all that were asked before @before_ms; 1: some went. */
static int rows_drop(struct store *store, sqlite3_int64 before_ms)
{
	char sql[160];
	int ret;

	snprintf(sql, sizeof(sql),
		 "DELETE FROM queries WHERE id IN (SELECT id FROM queries ORDER BY id LIMIT %d) "
		 "AND at < %lld",
		 ROWS, (long long)before_ms);
	ret = database_run(store->db, sql);
	return ret ? ret : sqlite3_changes(store->db) > 0;
}

/* Names and clients that only queries had which are gone. Labels are few. */
static int sweep(struct store *store)
{
	sqlite3_int64 oldest = store->next;
	char sql[128];
	int ret = 0;

	database_number(store->db, "SELECT min(id) FROM queries", &oldest);
	if (store_age(oldest) <= store->swept)
		return 0;
	snprintf(sql, sizeof(sql),
		 "DELETE FROM names WHERE age < %lld; DELETE FROM clients WHERE age < %lld",
		 (long long)store_age(oldest), (long long)store_age(oldest));
	ret = database_run(store->db, sql);
	if (ret)
		return ret;
	store->swept = store_age(oldest);
	/* Some of what is known may be gone. */
	return store_recall(store) ?: 1;
}

int store_trim(struct store *store, __u64 now_ms)
{
	const __u64 retention_ms = store->settings.retention_s * 1000ull;
	struct pages pages;
	int ret = pages_count(store, &pages);

	if (!ret && now_ms > retention_ms)
		ret = rows_drop(store, (sqlite3_int64)(now_ms - retention_ms));
	if (!ret && (__u64)((pages.all - pages.unused) * pages.octets) > store->settings.size)
		ret = rows_drop(store, INT64_MAX);
	if (!ret)
		ret = sweep(store);
	/* As much as is free may be used again; more than that is given back. */
	if (ret >= 0 && (__u64)(pages.all * pages.octets) > store->settings.size && pages.unused) {
		char sql[64];

		snprintf(sql, sizeof(sql), "PRAGMA incremental_vacuum(%d)", PAGES);
		if (database_run(store->db, sql))
			return database_error(sqlite3_errcode(store->db));
		ret = 1;
	}
	return ret;
}

struct store_size store_size(struct store *store)
{
	struct store_size size = {0};
	struct pages pages;
	sqlite3_int64 first = 0, last = 0;

	if (!pages_count(store, &pages))
		size.octets = (__u64)(pages.all * pages.octets);
	if (!database_number(store->db, "SELECT min(id) FROM queries", &first) &&
	    !database_number(store->db, "SELECT max(id) FROM queries", &last))
		size.queries = (__u64)(last - first + 1);
	return size;
}
