/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What store*.c and ask*.c share. */
#pragma once

#include "database.h"
#include "store.h"

#define STORE_FILE "queries.db"
#define STORE_DAMAGED "queries.damaged.db"
#define STORE_LAYOUT 1

/* Queries of one age: names and clients remember the last that used them, and go when it has gone. */
#define STORE_AGE_QUERIES 16384

/* What is there once and has a number. */
enum store_table { STORE_NAMES, STORE_CLIENTS, STORE_LABELS, STORE_TABLES };

/* Numbers that were given out lately, by the hash of what they are for. */
#define STORE_KNOWN 4096
#define STORE_KEY_MAX 260

struct store_known {
	sqlite3_int64 id; /* 0: nobody is here */
	sqlite3_int64 age;
	__u32 length;
	__u8 key[STORE_KEY_MAX];
};

struct store {
	struct store_settings settings;
	sqlite3 *db;
	sqlite3_stmt *insert, *intern[STORE_TABLES];
	struct store_known *known[STORE_TABLES]; /* STORE_KNOWN of each */
	sqlite3_int64 next; /* number of the next query; never one that was given out */
	sqlite3_int64 swept; /* age up to which names and clients were swept */
	struct dns_ring_place place;
	sqlite3_int64 words[DNS_COUNT_MAX]; /* labels of outcomes; 0: not looked up */
	sqlite3_int64 labels[DNS_LABEL_KIND_MAX][256]; /* by number; 0: nobody said */
};

static inline sqlite3_int64 store_age(sqlite3_int64 query)
{
	return query / STORE_AGE_QUERIES;
}

/* Everything that is kept beside the database is read from it again. */
int store_recall(struct store *store);
/* The number of @key, which is new if need be. 0: none, and database_error() of the database says why. */
sqlite3_int64 store_intern(struct store *store, enum store_table table, const void *key,
			   size_t length);
int store_label(struct store *store, enum dns_label_kind kind, __u8 number, const char *text);
