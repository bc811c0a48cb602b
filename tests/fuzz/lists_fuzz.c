// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What a list may hold: any octets, to the parser, the maker of the table, and the table.
 *
 * Input: an octet of flags, then the text. What must hold: the table that comes of it is one that the DNS process takes, and what has no condition and is
 * not taken back is found there again, in a list to allow as something that allows.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fuzz.h"
#include "list_text.h"
#include "tablemaker.h"

#define IS_ALLOWLIST 1
#define RULES_MAX 64

struct seen {
	struct tablemaker_of of;
	struct list_rule *rules;
	size_t n;
	bool has_badfilter;
};

static int rule_see(void *data, const struct list_rule *rule)
{
	struct seen *seen = data;

	assert(rule->n_types <= LIMIT_LIST_TYPES && rule->n_denied <= LIMIT_LIST_DENIED);
	assert(rule->is_addr || (rule->name.length > 1 && rule->match <= DNS_MATCH_TREE));
	seen->has_badfilter |= rule->is_badfilter;
	if (seen->n < RULES_MAX && !rule->n_types && !rule->n_denied)
		seen->rules[seen->n++] = *rule;
	return tablemaker_add(&seen->of, rule);
}

/* A name that is below @name, if that can be. */
static bool name_below(const struct dns_name *name, struct dns_name *ret_below)
{
	if (name->length + 2 > DNS_NAME_MAX)
		return false;
	ret_below->length = (__u8)(name->length + 2);
	memcpy(ret_below->wire, "\1z", 2);
	memcpy(ret_below->wire + 2, name->wire, name->length);
	return true;
}

static void rule_check(const struct dns_blocktable *table, const struct list_rule *rule,
		       bool is_allowlist)
{
	bool allows = is_allowlist || rule->is_exception;
	struct dns_name below, *name = &(struct dns_name){0};
	struct dns_block_said said;

	*name = rule->name;
	if (rule->is_addr) {
		assert(dns_blocktable_find_addr(table, &rule->net.addr, &said));
	} else if (rule->match == DNS_MATCH_BELOW) {
		if (!name_below(name, &below))
			return;
		assert(dns_blocktable_find(table, &below, DNS_A, &said));
	} else {
		assert(dns_blocktable_find(table, name, DNS_A, &said));
		if (rule->match == DNS_MATCH_TREE && name_below(name, &below))
			assert(dns_blocktable_find(table, &below, DNS_MX, &said));
	}
	assert(allows ? said.allow == 1 : said.block == 1);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input input = {.data = data, .size = size};
	bool is_allowlist = fuzz_u8(&input) & IS_ALLOWLIST;
	struct seen seen = {.of = {.maker = tablemaker_make()}};
	struct dns_blocktable *table = NULL;
	struct list_text read;
	char *text = malloc(input.size + !input.size);
	int fd = -1;

	seen.rules = malloc(RULES_MAX * sizeof(*seen.rules));
	assert(seen.of.maker && seen.rules && text);
	/* Of its own, so that what is read beyond it is seen. */
	memcpy(text, input.data, input.size);
	assert(!tablemaker_list(seen.of.maker, is_allowlist ? DNS_BLOCK_ALLOWLIST : DNS_BLOCK_LIST,
				"l", &seen.of.list));
	assert(!list_text_read(text, input.size, rule_see, &seen, &read));
	list_text_judge(text, input.size, &read, true);
	assert(!tablemaker_finish(seen.of.maker, &fd));
	assert(!dns_blocktable_open(fd, &table));
	for (size_t i = 0; i < seen.n && !seen.has_badfilter; i++)
		rule_check(table, &seen.rules[i], is_allowlist);
	dns_blocktable_close(table);
	tablemaker_free(seen.of.maker);
	close(fd);
	free(seen.rules);
	free(text);
	return 0;
}
