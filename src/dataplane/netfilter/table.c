// SPDX-License-Identifier: GPL-2.0-or-later
#include "table.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "nft.h"
#include "record.h"
#include "ruleset.h"

/* Added first, because deleting a table that is not there is an error. */
static const char delete_table[] = "add table " RULESET_TABLE "\ndelete table " RULESET_TABLE "\n";
static const char list_table[] = "list table " RULESET_TABLE;

/* --- a table of an older version ---------------------------------------------------------------------- */

/* "\tset NAME {": the name that a line of a listing begins, or NULL. */
static const char *name_of(const char *line, const char *kind, int *ret_length)
{
	size_t n = strlen(kind), length = strcspn(line, "\n");

	if (length < n + 4 || line[0] != '\t' || strncmp(line + 1, kind, n) || line[n + 1] != ' ')
		return NULL;
	line += n + 2;
	*ret_length = (int)strcspn(line, " \n");
	return strncmp(line + *ret_length, " {", 2) ? NULL : line;
}

static const char *next_line(const char *line)
{
	line += strcspn(line, "\n");
	return line + (*line == '\n');
}

static bool makes(const struct strbuf *commands, const char *kind, const char *name, int length)
{
	_strbuf_ struct strbuf add = {0};

	strbuf_add(&add, "add %s " RULESET_TABLE " %.*s", kind, length, name);
	for (const char *at = strbuf_text(commands); (at = strstr(at, strbuf_text(&add)));
	     at += add.length) {
		if (strchr(" \n", at[add.length]))
			return true;
	}
	return false;
}

/* Deletes what @listing has and @commands, if there are any, do not make. The table is empty of rules and elements then. */
static void delete_others(const char *listing, const struct strbuf *commands, struct strbuf *out)
{
	/* Maps name chains. */
	static const char *const kinds[] = {"map", "set", "chain"};

	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		for (const char *line = listing; *line; line = next_line(line)) {
			int length;
			const char *name = name_of(line, kinds[i], &length);

			if (name && !(commands && makes(commands, kinds[i], name, length)))
				strbuf_add(out, "delete %s " RULESET_TABLE " %.*s\n", kinds[i],
					   length, name);
		}
	}
}

/*
 * Over whatever is there, each time in one transaction. The rules are flushed, and what no plan of this version has is deleted. Chains and
 * sets that were made differently cannot be changed, so a second try makes all of them anew. The table itself is deleted only if that is
 * refused as well: its timeouts go with it, and connections would have the kernel's shorter ones (lab test layout_upgrade).
 */
static int write_over(const struct strbuf *commands, struct strbuf *why)
{
	_strbuf_ struct strbuf listing = {0}, first = {0}, second = {0}, last = {0}, ignored = {0};
	int ret = nft_run(list_table, NFT_OUTPUT_STATELESS | NFT_OUTPUT_TERSE, &listing, NULL);

	if (ret)
		return nft_run(strbuf_text(commands), 0, NULL, why);
	strbuf_add(&first, "%s", strbuf_text(commands));
	delete_others(strbuf_text(&listing), commands, &first);
	ret = nft_run(strbuf_text(&first), 0, NULL, &ignored);
	if (ret) {
		strbuf_add(&second, "flush table " RULESET_TABLE "\n");
		delete_others(strbuf_text(&listing), NULL, &second);
		strbuf_add(&second, "%s", strbuf_text(commands));
		ret = nft_run(strbuf_text(&second), 0, NULL, &ignored);
	}
	if (ret) {
		strbuf_add(&last, "%s%s", delete_table, strbuf_text(commands));
		ret = nft_run(strbuf_text(&last), 0, NULL, why);
	}
	return ret;
}

/* What this process wrote itself is made of the same chains and sets, unless somebody changed them. */
int table_write(struct listing *listing, const struct strbuf *commands, struct strbuf *why)
{
	_strbuf_ struct strbuf ignored = {0};
	int ret = -EAGAIN;

	if (listing->text.length)
		ret = nft_run(strbuf_text(commands), 0, NULL, &ignored);
	if (ret)
		ret = write_over(commands, why);
	return ret ? ret : listing_note(listing);
}

/* What somebody added is not flushed with the rules. */
int table_mend(struct listing *listing, const struct strbuf *commands)
{
	_strbuf_ struct strbuf before = {0};
	int ret;

	strbuf_add(&before, "%s", strbuf_text(&listing->text));
	ret = table_write(listing, commands, NULL);
	if (ret || !strcmp(strbuf_text(&before), strbuf_text(&listing->text)))
		return ret;
	ret = write_over(commands, NULL);
	return ret ? ret : listing_note(listing);
}

static __u32 generation_of(const char *text)
{
	const char *elements = strstr(text, "elements = { ");

	return elements ? (__u32)strtoul(elements + strlen("elements = { "), NULL, 0) : 0;
}

int table_find(__u32 *ret_generation)
{
	static const char chain[] = "list chain " RULESET_TABLE " " RULESET_MARK_CHAIN;
	static const char set[] = "list set " RULESET_TABLE " " RULESET_GENERATION_SET;
	_strbuf_ struct strbuf text = {0};
	int ret = nft_run(chain, 0, NULL, NULL);

	*ret_generation = 0;
	if (ret)
		return ret == -ENOENT ? 0 : ret;
	if (!nft_run(set, 0, &text, NULL))
		*ret_generation = generation_of(strbuf_text(&text));
	return 1;
}

int table_counters(table_counter_cb cb, void *data)
{
	_strbuf_ struct strbuf text = {0};
	_json_ json_t *root = NULL;
	json_t *item;
	size_t i;
	int ret = nft_run("list counters table " RULESET_TABLE, NFT_OUTPUT_JSON, &text, NULL);

	if (ret)
		return ret == -ENOENT ? 0 : ret;
	root = json_loads(strbuf_text(&text), 0, NULL);
	json_array_foreach (json_object_get(root, "nftables"), i, item) {
		const json_t *counter = json_object_get(item, "counter");
		const char *name = json_string_value(json_object_get(counter, "name"));

		if (name)
			cb(name, (__u64)json_integer_value(json_object_get(counter, "packets")),
			   data);
	}
	return 0;
}

/* {"elem": {"val": {"concat": ["tcp", "192.168.11.20", 443]}, "expires": 3599}} */
static bool past_read(const json_t *element, struct backend_past *ret_past)
{
	const json_t *of =
		json_object_get(json_object_get(json_object_get(element, "elem"), "val"), "concat");
	const char *proto = json_string_value(json_array_get(of, 0));
	const char *host = json_string_value(json_array_get(of, 1));

	if (!proto || !host || ip_addr_parse(host, &ret_past->host))
		return false;
	ret_past->proto = strcmp(proto, "tcp") ? IPPROTO_UDP : IPPROTO_TCP;
	ret_past->port = (__u16)json_integer_value(json_array_get(of, 2));
	return true;
}

int table_past(struct backend_past *ret_items, size_t max)
{
	static const char list[] = "list set " RULESET_TABLE " " RULESET_PAST_SET;
	_strbuf_ struct strbuf text = {0};
	_json_ json_t *root = NULL;
	json_t *item, *element;
	size_t i, k, n = 0;
	int ret = nft_run(list, NFT_OUTPUT_JSON, &text, NULL);

	if (ret)
		return ret == -ENOENT ? 0 : ret;
	root = json_loads(strbuf_text(&text), 0, NULL);
	json_array_foreach (json_object_get(root, "nftables"), i, item) {
		const json_t *set = json_object_get(item, "set");

		json_array_foreach (json_object_get(set, "elem"), k, element) {
			if (n < max && past_read(element, &ret_items[n]))
				n++;
		}
	}
	return (int)n;
}
