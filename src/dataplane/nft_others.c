// SPDX-License-Identifier: GPL-2.0-or-later
#include "nft_others.h"

#include <errno.h>
#include <string.h>

#include "cleanup.h"
#include "guard.h"
#include "hold.h"
#include "nft.h"
#include "record.h"

#define WORDS_NAME "table "

/* "ip filter" */
static bool is_ours(const char *table, size_t length)
{
	static const char *const ours[] = {GUARD_TABLE, HOLD_TABLE};

	for (size_t i = 0; i < ARRAY_SIZE(ours); i++) {
		if (strlen(ours[i]) == length && !strncmp(ours[i], table, length))
			return true;
	}
	return false;
}

static int objects_add(json_t *objects, const struct strbuf *text)
{
	_json_ json_t *root = json_loadb(strbuf_text(text), text->length, 0, NULL);
	json_t *listed = json_object_get(root, "nftables");

	if (!json_is_array(listed))
		return -EINVAL;
	return json_array_extend(objects, listed) ? -ENOMEM : 0;
}

static int table_add(const char *table, size_t length, json_t *objects, struct strbuf *ret_text,
		     struct strbuf *why)
{
	_strbuf_ struct strbuf command = {0}, json = {0}, complaint = {0};
	int ret;

	strbuf_add(&command, "list table %.*s", (int)length, table);
	ret = nft_run(strbuf_text(&command), NFT_OUTPUT_JSON, &json, &complaint);
	if (!ret)
		ret = nft_run(strbuf_text(&command), NFT_OUTPUT_STATELESS | NFT_OUTPUT_HANDLE,
			      ret_text, &complaint);
	if (ret == -ENOENT)
		return 0;
	if (ret)
		strbuf_add(why, "%s", strbuf_text(&complaint));
	else if ((ret = objects_add(objects, &json)))
		strbuf_add(why, "nftables: table %.*s is not listed as JSON", (int)length, table);
	return ret;
}

int nft_others_list(json_t **ret_root, struct strbuf *ret_text, struct strbuf *why)
{
	_json_ json_t *objects = json_array();
	_strbuf_ struct strbuf tables = {0};
	int ret = nft_run("list tables", 0, &tables, why);

	for (const char *at = strbuf_text(&tables); *at && !ret;) {
		size_t length = strcspn(at, "\n"), prefix = strlen(WORDS_NAME);

		if (length > prefix && !is_ours(at + prefix, length - prefix))
			ret = table_add(at + prefix, length - prefix, objects, ret_text, why);
		at += length + (at[length] == '\n');
	}
	if (!ret)
		*ret_root = json_pack("{s:O}", "nftables", objects);
	return ret;
}
