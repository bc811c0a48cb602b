// SPDX-License-Identifier: GPL-2.0-or-later
/* `show top`: who asks most, and for what. */
#include <string.h>

#include "ask.h"
#include "json_text.h"
#include "store_internal.h"

#define ROWS 10

#define IS_BLOCKED                                                              \
	"(q.list IS NOT NULL OR q.outcome = (SELECT id FROM labels WHERE text " \
	"= 'blocked'))"

static const struct {
	enum control_top top;
	const char *key, *what;
	bool is_client;
	const char *sql;
} tops[] = {
	{CONTROL_TOP_CLIENTS, "clients", "client", true,
	 "SELECT c.addr, t.n, t.blocked FROM (SELECT client, count(*) n, sum(" IS_BLOCKED
	 ") blocked FROM queries q WHERE q.at >= ?1 GROUP BY client ORDER BY n DESC LIMIT ?2) t"
	 " LEFT JOIN clients c ON c.id = t.client ORDER BY t.n DESC"},
	{CONTROL_TOP_NAMES, "names", "name", false,
	 "SELECT c.name, t.n, t.blocked FROM (SELECT name, count(*) n, sum(" IS_BLOCKED
	 ") blocked FROM queries q WHERE q.at >= ?1 GROUP BY name ORDER BY n DESC LIMIT ?2) t"
	 " LEFT JOIN names c ON c.id = t.name ORDER BY t.n DESC"},
	{CONTROL_TOP_BLOCKED, "blocked", "name", false,
	 "SELECT c.name, t.n, t.n FROM (SELECT name, count(*) n FROM queries q WHERE q.at >= ?1"
	 " AND " IS_BLOCKED " GROUP BY name ORDER BY n DESC LIMIT ?2) t"
	 " LEFT JOIN names c ON c.id = t.name ORDER BY t.n DESC"},
};

static json_t *client_json(sqlite3_stmt *row)
{
	const __u8 *blob = sqlite3_column_blob(row, 0);
	char text[IP_TEXT_MAX];
	struct ip_net net;

	if (!blob || sqlite3_column_bytes(row, 0) != 17)
		return json_null();
	memcpy(net.addr.b, blob, sizeof(net.addr.b));
	net.length = blob[16];
	if (net.length == (ip_addr_is_v4(&net.addr) ? 32 : 128))
		return json_string(ip_addr_format(&net.addr, text));
	return json_string(ip_net_format(&net, text));
}

static json_t *name_json(sqlite3_stmt *row)
{
	const char *text = (const char *)sqlite3_column_text(row, 0);

	return text ? json_text(text, strlen(text)) : json_null();
}

static int top_add(struct store *store, size_t i, __u64 since_ms, json_t *answer)
{
	sqlite3_stmt *statement = NULL;
	json_t *list = json_array();
	int ret = sqlite3_prepare_v2(store->db, tops[i].sql, -1, &statement, NULL);

	if (!ret) {
		sqlite3_bind_int64(statement, 1, (sqlite3_int64)since_ms);
		sqlite3_bind_int(statement, 2, ROWS);
	}
	while (!ret && (ret = sqlite3_step(statement)) == SQLITE_ROW) {
		json_array_append_new(
			list,
			json_pack("{s:o, s:I, s:I}", tops[i].what,
				  tops[i].is_client ? client_json(statement) : name_json(statement),
				  "queries", (json_int_t)sqlite3_column_int64(statement, 1),
				  "blocked", (json_int_t)sqlite3_column_int64(statement, 2)));
		ret = 0;
	}
	sqlite3_finalize(statement);
	json_object_set_new(answer, tops[i].key, list);
	return database_error(ret);
}

int ask_top(struct store *store, const struct control_request *request, __u64 now_ms,
	    struct strbuf *out)
{
	__u64 back_ms = request->queries.since_s * 1000ull;
	json_t *answer = json_pack("{s:I}", "since_s", (json_int_t)request->queries.since_s);
	int ret = 0;
	char *text;

	for (size_t i = 0; i < ARRAY_SIZE(tops) && !ret; i++) {
		if (request->queries.top == CONTROL_TOP_ALL || request->queries.top == tops[i].top)
			ret = top_add(store, i, now_ms > back_ms ? now_ms - back_ms : 0, answer);
	}
	text = json_dumps(answer, JSON_INDENT(2) | JSON_ENSURE_ASCII);
	if (!text)
		abort();
	if (!ret)
		strbuf_add(out, "%s\n", text);
	free(text);
	json_decref(answer);
	return ret;
}
