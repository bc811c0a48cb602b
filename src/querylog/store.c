// SPDX-License-Identifier: GPL-2.0-or-later
/* Queries as they come, into the database. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "store_internal.h"

/* Of the wall clock that is not known to be right: no matter, what is compared are places in one row. */
struct ip_net store_client_net(const struct ip_addr *client)
{
	return ip_net_of(client, ip_addr_is_v4(client) ? 24 : 56);
}

/* FNV-1a: who fills this in on purpose makes it forget, which costs him nothing and us a look into the database. */
static __u32 hash_of(const __u8 *key, size_t length)
{
	__u32 hash = 2166136261u;

	for (size_t i = 0; i < length; i++)
		hash = (hash ^ key[i]) * 16777619u;
	return hash;
}

static sqlite3_int64 intern_ask(struct store *store, enum store_table table, const void *key,
				size_t length)
{
	sqlite3_stmt *statement = store->intern[table];
	sqlite3_int64 id = 0;

	if (table == STORE_CLIENTS)
		sqlite3_bind_blob(statement, 1, key, (int)length, SQLITE_STATIC);
	else
		sqlite3_bind_text(statement, 1, key, (int)length, SQLITE_STATIC);
	sqlite3_bind_int64(statement, 2, store_age(store->next));
	if (sqlite3_step(statement) == SQLITE_ROW)
		id = sqlite3_column_int64(statement, 0);
	/* To its end, where what went wrong is told. */
	if (sqlite3_reset(statement))
		id = 0;
	return id;
}

sqlite3_int64 store_intern(struct store *store, enum store_table table, const void *key,
			   size_t length)
{
	struct store_known *known = &store->known[table][hash_of(key, length) % STORE_KNOWN];

	if (known->id && known->age == store_age(store->next) && known->length == length &&
	    !memcmp(known->key, key, length))
		return known->id;
	known->id = intern_ask(store, table, key, length);
	known->age = store_age(store->next);
	known->length = (__u32)length;
	if (length <= sizeof(known->key))
		memcpy(known->key, key, length);
	else
		known->length = 0;
	return known->id;
}

int store_begin(struct store *store)
{
	return database_run(store->db, "BEGIN IMMEDIATE");
}

/* What was told to be there is not. */
static int undo(struct store *store, int ret)
{
	if (!sqlite3_get_autocommit(store->db))
		database_run(store->db, "ROLLBACK");
	store_recall(store);
	return ret;
}

int store_label(struct store *store, enum dns_label_kind kind, __u8 number, const char *text)
{
	sqlite3_int64 id = store_intern(store, STORE_LABELS, text, strlen(text));
	char sql[128];

	if (!id)
		return database_error(sqlite3_errcode(store->db));
	store->labels[kind][number] = id;
	snprintf(sql, sizeof(sql), "INSERT OR REPLACE INTO numbers VALUES (%d, %d, %lld)", kind,
		 number, (long long)id);
	return database_run(store->db, sql);
}

static sqlite3_int64 client_id(struct store *store, const struct ip_addr *client)
{
	struct ip_net net = {*client, ip_addr_is_v4(client) ? 32 : 128};
	__u8 key[sizeof(client->b) + 1];

	if (store->settings.is_anonymised)
		net = store_client_net(client);
	memcpy(key, net.addr.b, sizeof(net.addr.b));
	key[sizeof(net.addr.b)] = net.length;
	return store_intern(store, STORE_CLIENTS, key, sizeof(key));
}

static sqlite3_int64 name_id(struct store *store, const struct dns_name *name)
{
	char text[DNS_NAME_TEXT_MAX] = "";

	if (name->length)
		dns_name_format(name, text);
	return store_intern(store, STORE_NAMES, text, strlen(text));
}

static sqlite3_int64 outcome_id(struct store *store, enum dns_count count)
{
	static const char *const words[] = {
#define X(name, key, text) [name] = (key),
		DNS_COUNTS(X)
#undef X
	};

	if (!store->words[count])
		store->words[count] =
			store_intern(store, STORE_LABELS, words[count], strlen(words[count]));
	return store->words[count];
}

/* 0: the number's name is not known, and NULL stands for it. */
static void bind_label(struct store *store, int at, enum dns_label_kind kind, __u8 number)
{
	sqlite3_int64 id = number ? store->labels[kind][number] : 0;

	if (id)
		sqlite3_bind_int64(store->insert, at, id);
	else
		sqlite3_bind_null(store->insert, at);
}

static int query_add(struct store *store, const struct dns_ring_record *record, __u64 at_ms)
{
	sqlite3_stmt *insert = store->insert;
	const sqlite3_int64 ids[] = {
		client_id(store, &record->client),
		name_id(store, &record->name),
		outcome_id(store, record->outcome.count),
	};
	int ret;

	if (!ids[0] || !ids[1] || !ids[2])
		return database_error(sqlite3_errcode(store->db)) ?: -EIO;
	sqlite3_bind_int64(insert, 1, store->next);
	sqlite3_bind_int64(insert, 2, (sqlite3_int64)at_ms);
	for (int i = 0; i < 3; i++)
		sqlite3_bind_int64(insert, 3 + i, ids[i]);
	sqlite3_bind_int(insert, 6, record->type);
	sqlite3_bind_int(insert, 7, record->rcode);
	bind_label(store, 8, DNS_LABEL_UPSTREAM, record->outcome.upstream);
	bind_label(store, 9, DNS_LABEL_LIST, record->outcome.list);
	sqlite3_bind_int64(insert, 10, record->took_us);
	sqlite3_step(insert);
	ret = database_error(sqlite3_reset(insert));
	if (!ret)
		store->next++;
	return ret;
}

int store_add(struct store *store, const struct dns_ring_record *record, __u64 at_ms)
{
	const struct dns_label *label = &record->label;
	int ret = record->kind == DNS_RING_QUERY
			  ? query_add(store, record, at_ms)
			  : store_label(store, label->kind, label->number, label->text);

	return ret ? undo(store, ret) : 0;
}

int store_commit(struct store *store, struct dns_ring_place place)
{
	char sql[256];
	int ret;

	/* SQLite takes a transaction back by itself where it finds no room: the place must not be written without the rows. */
	if (sqlite3_get_autocommit(store->db))
		return undo(store, -EIO);
	/* SQLite's numbers have a sign, and the same bits. */
	snprintf(sql, sizeof(sql),
		 "INSERT OR REPLACE INTO meta VALUES ('ring', %lld), ('at', %lld), ('next', %lld)",
		 (long long)place.ring, (long long)place.at, (long long)store->next);
	ret = database_run(store->db, sql);
	if (!ret)
		ret = database_run(store->db, "COMMIT");
	if (ret)
		return undo(store, ret);
	store->place = place;
	return 0;
}

struct dns_ring_place store_place(const struct store *store)
{
	return store->place;
}
