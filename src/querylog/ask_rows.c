// SPDX-License-Identifier: GPL-2.0-or-later
/* `show queries`: one row a line. */
#include <ctype.h>
#include <errno.h>
#include <string.h>
#include <time.h>

#include "ask.h"
#include "json_text.h"
#include "store_internal.h"
#include "words.h"

/* Numbers that one piece looks at: some ten milliseconds at most, while queries wait in the ring. */
#define WINDOW 4096

static const char sql[] =
	"SELECT q.id, q.at, c.addr, n.name, q.type, o.text, q.rcode, u.text, l.text, q.took"
	" FROM queries q LEFT JOIN clients c ON c.id = q.client LEFT JOIN names n ON n.id = q.name"
	" LEFT JOIN labels o ON o.id = q.outcome LEFT JOIN labels u ON u.id = q.upstream"
	" LEFT JOIN labels l ON l.id = q.list"
	" WHERE q.id >= ?1 AND q.id < ?2"
	" AND (?3 IS NULL OR c.addr BETWEEN ?3 AND ?4)"
	" AND (?5 IS NULL OR n.name GLOB ?5 OR n.name GLOB ?6)"
	" AND (NOT ?7 OR q.list IS NOT NULL OR o.text = 'blocked')"
	" ORDER BY q.id";

enum column { ID, AT, CLIENT, NAME, TYPE, OUTCOME, RCODE, UPSTREAM, LIST, TOOK };

/* --- what is asked for ---------------------------------------------------------------------------------- */

/* In lower case, as names are kept; what GLOB knows beside '*' and '?' means itself. */
static void pattern_add(const char *from, char *to, size_t size)
{
	size_t n = strlen(to);

	for (; *from && n + 4 < size; from++) {
		if (*from == '[')
			n += (size_t)snprintf(to + n, size - n, "[[]");
		else
			to[n++] = (char)tolower((unsigned char)*from);
	}
	to[n] = '\0';
}

/* A client that was written down as a network is found by any address in it. */
static void client_range(const struct control_queries *asked, bool is_anonymised,
			 struct ask_filter *filter)
{
	struct ip_addr addr;
	unsigned int bits = asked->client_bits, most;

	memcpy(addr.b, asked->client, sizeof(addr.b));
	most = ip_addr_is_v4(&addr) ? 96 + 24 : 56;
	if (is_anonymised && bits > most)
		bits = most;
	for (unsigned int i = 0; i < 16; i++) {
		unsigned int left = bits > 8 * i ? bits - 8 * i : 0;
		__u8 mask = left >= 8 ? 0xff : (__u8)(0xff00 >> left);

		filter->first[i] = addr.b[i] & mask;
		filter->last[i] = addr.b[i] | (__u8)~mask;
	}
	filter->last[16] = 0xff;
	filter->has_client = true;
}

bool ask_filter_make(const struct control_request *request, bool is_anonymised,
		     struct ask_filter *ret_filter, struct strbuf *why)
{
	const struct control_queries *asked = &request->queries;
	struct ask_filter filter = {.blocked = request->flags & CONTROL_FLAG_BLOCKED};

	if (asked->client_bits > 128) {
		strbuf_add(why, "a client has no %u bits", asked->client_bits);
		return false;
	}
	if (asked->client_bits)
		client_range(asked, is_anonymised, &filter);
	if (*asked->name) {
		pattern_add(asked->name, filter.exact, sizeof(filter.exact));
		if (!strpbrk(asked->name, "*?"))
			strcpy(filter.below, "*.");
		pattern_add(asked->name, filter.below, sizeof(filter.below));
	}
	*ret_filter = filter;
	return true;
}

/* --- rows ----------------------------------------------------------------------------------------------- */

static __s64 end_of(struct store *store)
{
	return store->next;
}

static __s64 begin_of(struct store *store)
{
	sqlite3_int64 first = 0;

	return database_number(store->db, "SELECT min(id) FROM queries", &first) ? store->next
										 : first;
}

int ask_rows_begin(struct store *store, const struct ask_filter *filter, __u32 last,
		   struct ask_rows *rows)
{
	int ret = sqlite3_prepare_v2(store->db, sql, -1, &rows->statement, NULL);

	if (ret)
		return database_error(ret);
	if (filter->has_client) {
		sqlite3_bind_blob(rows->statement, 3, filter->first, sizeof(filter->first),
				  SQLITE_TRANSIENT);
		sqlite3_bind_blob(rows->statement, 4, filter->last, sizeof(filter->last),
				  SQLITE_TRANSIENT);
	}
	if (*filter->exact) {
		sqlite3_bind_text(rows->statement, 5, filter->exact, -1, SQLITE_TRANSIENT);
		sqlite3_bind_text(rows->statement, 6, filter->below, -1, SQLITE_TRANSIENT);
	}
	sqlite3_bind_int(rows->statement, 7, filter->blocked);
	rows->end = end_of(store);
	rows->left = last;
	rows->at = last ? rows->end : begin_of(store);
	return 0;
}

static void add_text(struct strbuf *out, const char *key, const char *text)
{
	/* What has no escape in JSON has none in json_text(), and the rest is jansson's. */
	json_t *json = text ? json_text(text, strlen(text)) : json_null();
	char *dumped = json_dumps(json, JSON_ENCODE_ANY | JSON_ENSURE_ASCII);

	if (!dumped)
		abort();
	strbuf_add(out, "\"%s\": %s, ", key, dumped);
	free(dumped);
	json_decref(json);
}

static const char *client_text(sqlite3_stmt *row, char text[IP_TEXT_MAX])
{
	const __u8 *blob = sqlite3_column_blob(row, CLIENT);
	struct ip_net net;

	if (!blob || sqlite3_column_bytes(row, CLIENT) != 17)
		return NULL;
	memcpy(net.addr.b, blob, sizeof(net.addr.b));
	net.length = blob[16];
	if (net.length == (ip_addr_is_v4(&net.addr) ? 32 : 128))
		return ip_addr_format(&net.addr, text);
	return ip_net_format(&net, text);
}

static const char *column(sqlite3_stmt *row, enum column at)
{
	return (const char *)sqlite3_column_text(row, at);
}

static void add_row(sqlite3_stmt *row, struct strbuf *out)
{
	__s64 at_ms = sqlite3_column_int64(row, AT);
	time_t at_s = (time_t)(at_ms / 1000);
	char time[32], client[IP_TEXT_MAX], word[WORDS_MAX];
	struct tm tm = {0};

	gmtime_r(&at_s, &tm);
	strftime(time, sizeof(time), "%Y-%m-%dT%H:%M:%S", &tm);
	strbuf_add(out, "{\"time\": \"%s.%03uZ\", \"at_ms\": %lld, ", time,
		   (unsigned int)((__u64)at_ms % 1000), (long long)at_ms);
	add_text(out, "client", client_text(row, client));
	add_text(out, "name", column(row, NAME));
	add_text(out, "type", words_type((unsigned int)sqlite3_column_int(row, TYPE), word));
	add_text(out, "outcome", column(row, OUTCOME));
	add_text(out, "rcode", words_rcode((unsigned int)sqlite3_column_int(row, RCODE), word));
	add_text(out, "upstream", column(row, UPSTREAM));
	add_text(out, "list", column(row, LIST));
	strbuf_add(out, "\"took_us\": %lld}", (long long)sqlite3_column_int64(row, TOOK));
}

/* Backwards, a window at a time, until there are as many as are wanted: the first of them is where the answer begins. */
static int look_back(struct store *store, struct ask_rows *rows)
{
	__s64 first = begin_of(store), from = rows->at - WINDOW, n = 0, ids[WINDOW];
	int ret;

	if (rows->at <= first) {
		rows->left = 0;
		rows->at = first;
		return 1;
	}
	sqlite3_bind_int64(rows->statement, 1, from);
	sqlite3_bind_int64(rows->statement, 2, rows->at);
	while ((ret = sqlite3_step(rows->statement)) == SQLITE_ROW && n < WINDOW)
		ids[n++] = sqlite3_column_int64(rows->statement, ID);
	sqlite3_reset(rows->statement);
	if (ret != SQLITE_DONE && ret != SQLITE_ROW)
		return database_error(ret);
	rows->at = from;
	if (n >= rows->left) {
		rows->at = ids[n - rows->left];
		rows->left = 0;
	} else {
		rows->left -= n;
	}
	return 1;
}

int ask_rows_more(struct store *store, struct ask_rows *rows, struct strbuf *out)
{
	__s64 to;
	int ret;

	if (rows->left)
		return look_back(store, rows);
	rows->end = end_of(store);
	to = rows->at + WINDOW < rows->end ? rows->at + WINDOW : rows->end;
	if (rows->at >= to)
		return 0;
	sqlite3_bind_int64(rows->statement, 1, rows->at);
	sqlite3_bind_int64(rows->statement, 2, to);
	while ((ret = sqlite3_step(rows->statement)) == SQLITE_ROW) {
		if (!rows->is_endless)
			strbuf_add(out, rows->begun ? ",\n" : "\n");
		rows->begun = true;
		add_row(rows->statement, out);
		if (rows->is_endless)
			strbuf_add(out, "\n");
	}
	sqlite3_reset(rows->statement);
	rows->at = to;
	return ret == SQLITE_DONE ? 1 : database_error(ret);
}

void ask_rows_end(struct ask_rows *rows)
{
	sqlite3_finalize(rows->statement);
	rows->statement = NULL;
}
