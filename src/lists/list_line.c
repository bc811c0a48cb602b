// SPDX-License-Identifier: GPL-2.0-or-later
#include "list_line.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>

#include "cleanup.h"

/* A word of a line; not terminated. */
struct word {
	const char *at;
	size_t n;
};

static bool is_space(char c)
{
	return c == ' ' || c == '\t';
}

static struct word word_trim(struct word word)
{
	while (word.n && is_space(*word.at)) {
		word.at++;
		word.n--;
	}
	while (word.n && is_space(word.at[word.n - 1]))
		word.n--;
	return word;
}

/* Takes the next word off the front of @rest; of length 0 at the end. */
static struct word word_next(struct word *rest)
{
	struct word word;

	*rest = word_trim(*rest);
	word = *rest;
	word.n = 0;
	while (word.n < rest->n && !is_space(word.at[word.n]))
		word.n++;
	rest->at += word.n;
	rest->n -= word.n;
	return word;
}

static bool word_is(struct word word, const char *text)
{
	return word.n == strlen(text) && !strncasecmp(word.at, text, word.n);
}

static bool word_has(struct word word, const char *text)
{
	return memmem(word.at, word.n, text, strlen(text));
}

static bool word_starts(struct word word, const char *text)
{
	size_t n = strlen(text);

	return word.n >= n && !memcmp(word.at, text, n);
}

static struct word word_skip(struct word word, size_t n)
{
	return (struct word){word.at + n, word.n - n};
}

static bool word_take(struct word *word, const char *text)
{
	if (!word_starts(*word, text))
		return false;
	*word = word_skip(*word, strlen(text));
	return true;
}

static bool word_drop(struct word *word, char last)
{
	if (!word->n || word->at[word->n - 1] != last)
		return false;
	word->n--;
	return true;
}

/* The next of the parts of @rest that @separator stands between. */
static struct word part_next(struct word *rest, char separator)
{
	const char *end = memchr(rest->at, separator, rest->n);
	struct word part = {rest->at, end ? (size_t)(end - rest->at) : rest->n};

	*rest = word_skip(*rest, part.n + (end != NULL));
	return part;
}

/* --- names and addresses ---------------------------------------------------------------------------------- */

/*
 * LIST_LINE_RULE: a name as hosts have them, with @labels of them at least. The last label is no number, or "1.2.3" and what is left of a broken address would be
 * names too.
 */
static enum list_line name_read(struct word word, unsigned int labels, struct dns_name *ret_name)
{
	char text[LIMIT_DOMAIN_NAME + 1];
	bool is_number = true;
	unsigned int dots = 0;

	word_drop(&word, '.');
	if (!word.n || word.n > LIMIT_DOMAIN_NAME)
		return LIST_LINE_INVALID;
	for (size_t i = 0; i < word.n; i++) {
		unsigned char c = (unsigned char)word.at[i];

		if (c & 0x80)
			return LIST_LINE_IDN;
		if (!isalnum(c) && c != '-' && c != '_' && c != '.')
			return LIST_LINE_INVALID;
		if (c == '.')
			dots++;
		is_number = c == '.' || (is_number && isdigit(c)); /* of the label so far */
	}
	if (is_number || dots + 1 < labels)
		return LIST_LINE_INVALID;
	memcpy(text, word.at, word.n);
	text[word.n] = '\0';
	return dns_name_parse(text, ret_name) ? LIST_LINE_INVALID : LIST_LINE_RULE;
}

static bool addr_read(struct word word, struct ip_net *ret_net)
{
	char text[IP_TEXT_MAX];

	if (!word.n || word.n >= sizeof(text) ||
	    (!isdigit((unsigned char)*word.at) && !memchr(word.at, ':', word.n)))
		return false;
	memcpy(text, word.at, word.n);
	text[word.n] = '\0';
	return !ip_net_parse(text, ret_net);
}

/* What servers that block answer with themselves, and what any answer may have: such a line would make all of these look blocked. */
static bool is_nobody(const struct ip_addr *addr)
{
	return ip_addr_is_zero(addr) || (ip_addr_is_v4(addr) && addr->b[12] == 127) ||
	       (!ip_addr_is_v4(addr) && ip_addr_equal(addr, &(struct ip_addr){.b[15] = 1}));
}

/* A network wider than the widest that one owner has is a slip: 10.0.0.0/8 as much as anybody has of IPv4. */
static enum list_line net_judge(const struct ip_net *net)
{
	bool is_wide = net->length < (ip_addr_is_v4(&net->addr) ? 8 : 16);

	return is_wide || is_nobody(&net->addr) ? LIST_LINE_INVALID : LIST_LINE_RULE;
}

static void rule_begin(struct list_rule *rule, enum dns_match match)
{
	rule->is_addr = false;
	rule->match = match;
	rule->is_exception = rule->is_important = rule->is_badfilter = rule->is_but_types = false;
	rule->n_types = rule->n_denied = 0;
}

/* --- hosts and domains ------------------------------------------------------------------------------------ */

/* Names of this very machine: every hosts file begins with them, and they are no mistake. */
static bool is_of_machine(struct word word)
{
	static const char *const names[] = {
		"localhost",	 "localhost.localdomain", "local",	    "localdomain",
		"broadcasthost", "ip6-localhost",	  "ip6-loopback",   "ip6-localnet",
		"ip6-allnodes",	 "ip6-mcastprefix",	  "ip6-allrouters", "ip6-allhosts",
		"0.0.0.0",
	};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		if (word_is(word, names[i]))
			return true;
	}
	return false;
}

/* Behind the address of a hosts line. One bad name does not take the good ones beside it along; the line is what was worst. */
static int hosts_read(struct word rest, list_rule_cb *cb, void *data, enum list_line *ret_line)
{
	struct list_rule rule;
	struct word word;
	int ret = 0;

	*ret_line = LIST_LINE_EMPTY;
	rule_begin(&rule, DNS_MATCH_EXACT);
	while (!ret && (word = word_next(&rest)).n) {
		enum list_line is =
			is_of_machine(word) ? LIST_LINE_EMPTY : name_read(word, 1, &rule.name);

		if (is == LIST_LINE_RULE)
			ret = cb(data, &rule);
		if (is > *ret_line)
			*ret_line = is;
	}
	return ret;
}

/* One word that is a name, or all below one. */
static int domain_read(struct word word, list_rule_cb *cb, void *data, enum list_line *ret_line)
{
	struct list_rule rule;
	bool is_tree = word_take(&word, "*.") || word_take(&word, ".");

	rule_begin(&rule, is_tree ? DNS_MATCH_TREE : DNS_MATCH_EXACT);
	/* One label alone is a word, as pages that are no lists are full of. */
	*ret_line = is_of_machine(word) ? LIST_LINE_EMPTY : name_read(word, 2, &rule.name);
	return *ret_line == LIST_LINE_RULE ? cb(data, &rule) : 0;
}

static int plain_read(struct word line, list_rule_cb *cb, void *data, enum list_line *ret_line)
{
	struct word rest = part_next(&line, '#'), first = word_next(&rest);
	struct list_rule rule;

	rest = word_trim(rest);
	if (!addr_read(first, &rule.net)) {
		*ret_line = LIST_LINE_INVALID;
		return rest.n ? 0 : domain_read(first, cb, data, ret_line);
	}
	if (rest.n) {
		*ret_line = LIST_LINE_REWRITE;
		if (is_nobody(&rule.net.addr))
			return hosts_read(rest, cb, data, ret_line);
		return 0;
	}
	rule_begin(&rule, DNS_MATCH_EXACT);
	rule.is_addr = true;
	*ret_line = net_judge(&rule.net);
	return *ret_line == LIST_LINE_RULE ? cb(data, &rule) : 0;
}

/* --- adblock syntax ---------------------------------------------------------------------------------------- */

static enum list_line types_read(struct word value, struct list_rule *rule)
{
	static const struct {
		const char *name;
		__u16 type;
	} types[] = {
		{"A", DNS_A},	      {"AAAA", DNS_AAAA}, {"HTTPS", DNS_HTTPS}, {"SVCB", DNS_SVCB},
		{"CNAME", DNS_CNAME}, {"TXT", DNS_TXT},	  {"MX", DNS_MX},	{"PTR", DNS_PTR},
		{"SRV", DNS_SRV},     {"NS", DNS_NS},	  {"SOA", DNS_SOA},	{"ANY", DNS_ANY},
	};

	while (value.n) {
		struct word word = part_next(&value, '|');
		bool is_but = word_take(&word, "~");
		size_t i = 0;

		/* Some that it is for and some that it is not for: nobody could say what that means. */
		if (rule->n_types && is_but != rule->is_but_types)
			return LIST_LINE_INVALID;
		while (i < ARRAY_SIZE(types) && !word_is(word, types[i].name))
			i++;
		if (i == ARRAY_SIZE(types) || rule->n_types == LIMIT_LIST_TYPES)
			return LIST_LINE_UNSUPPORTED;
		rule->is_but_types = is_but;
		rule->types[rule->n_types++] = types[i].type;
	}
	return rule->n_types ? LIST_LINE_RULE : LIST_LINE_INVALID;
}

static enum list_line denied_read(struct word value, struct list_rule *rule)
{
	while (value.n) {
		struct word word = part_next(&value, '|');
		enum list_line is;

		if (rule->n_denied == LIMIT_LIST_DENIED)
			return LIST_LINE_UNSUPPORTED;
		is = name_read(word, 1, &rule->denied[rule->n_denied]);
		if (is != LIST_LINE_RULE)
			return is;
		rule->n_denied++;
	}
	return rule->n_denied ? LIST_LINE_RULE : LIST_LINE_INVALID;
}

static enum list_line modifier_read(struct word word, struct list_rule *rule)
{
	if (word_is(word, "important"))
		rule->is_important = true;
	else if (word_is(word, "badfilter"))
		rule->is_badfilter = true;
	else if (word_take(&word, "dnstype="))
		return types_read(word, rule);
	else if (word_take(&word, "denyallow="))
		return denied_read(word, rule);
	else
		/* A rule with a condition that we do not know would hold where it should not. */
		return LIST_LINE_UNSUPPORTED;
	return LIST_LINE_RULE;
}

static enum list_line modifiers_read(struct word rest, struct list_rule *rule)
{
	enum list_line is = LIST_LINE_RULE;

	if (!rest.n)
		return LIST_LINE_INVALID;
	while (rest.n && is == LIST_LINE_RULE)
		is = modifier_read(part_next(&rest, ','), rule);
	return is;
}

/* What stands between "@@" and "$". */
static enum list_line pattern_read(struct word word, struct list_rule *rule)
{
	bool is_anchored = true, is_ended;

	if (word_take(&word, "||"))
		rule->match = word_take(&word, "*.") ? DNS_MATCH_BELOW : DNS_MATCH_TREE;
	else if (word_take(&word, "|"))
		rule->match = DNS_MATCH_EXACT;
	else if (word_take(&word, "*."))
		rule->match = DNS_MATCH_TREE;
	else
		is_anchored = false;
	is_ended = word_drop(&word, '|');
	is_ended |= word_drop(&word, '^');
	if (rule->match != DNS_MATCH_EXACT && addr_read(word, &rule->net)) {
		rule->is_addr = true;
		return net_judge(&rule->net);
	}
	/* Of pages, with a star within, or something that a name only has to end in. */
	if (memchr(word.at, '/', word.n) || memchr(word.at, '*', word.n) ||
	    memchr(word.at, ':', word.n) || memchr(word.at, '^', word.n) ||
	    (!is_anchored && is_ended) ||
	    (is_anchored && !is_ended && word.n && word.at[word.n - 1] == '.'))
		return LIST_LINE_UNSUPPORTED;
	/* "@@good.example" and "good.example$important": the name alone, like a line that is nothing but a name. */
	return name_read(word, is_anchored ? 1 : 2, &rule->name);
}

static int adblock_read(struct word line, list_rule_cb *cb, void *data, enum list_line *ret_line)
{
	bool has_modifiers = memchr(line.at, '$', line.n);
	struct list_rule rule;

	rule_begin(&rule, DNS_MATCH_EXACT);
	rule.is_exception = word_take(&line, "@@");
	*ret_line = LIST_LINE_UNSUPPORTED;
	if (word_starts(line, "/"))
		return 0;
	*ret_line = pattern_read(part_next(&line, '$'), &rule);
	if (*ret_line == LIST_LINE_RULE && has_modifiers)
		*ret_line = modifiers_read(line, &rule);
	return *ret_line == LIST_LINE_RULE ? cb(data, &rule) : 0;
}

/* Rules about what a page shows. */
static bool is_cosmetic(struct word line)
{
	static const char *const marks[] = {"##",  "#@#",  "#?#",  "#$#",
					    "#%#", "#@?#", "#@$#", "#@%#"};

	for (size_t i = 0; i < ARRAY_SIZE(marks); i++) {
		if (word_has(line, marks[i]))
			return true;
	}
	return false;
}

static bool is_adblock(struct word line)
{
	return word_starts(line, "@@") || word_starts(line, "|") || word_starts(line, "/") ||
	       memchr(line.at, '$', line.n) || memchr(line.at, '^', line.n);
}

/* A comment behind something. */
static struct word comment_cut(struct word line)
{
	for (size_t i = 1; i < line.n; i++) {
		if (line.at[i] == '#' && is_space(line.at[i - 1]))
			return word_trim((struct word){line.at, i});
	}
	return line;
}

int list_line_read(const char *line, size_t n, list_rule_cb *cb, void *data,
		   enum list_line *ret_line)
{
	static const char comments[] = {'!', ';', '[', '#'};
	struct word word = word_trim((struct word){line, n});

	*ret_line = LIST_LINE_EMPTY;
	if (!word.n || memchr(comments, *word.at, sizeof(comments)))
		return 0;
	word = comment_cut(word);
	*ret_line = LIST_LINE_UNSUPPORTED;
	if (is_cosmetic(word))
		return 0;
	if (is_adblock(word))
		return adblock_read(word, cb, data, ret_line);
	return plain_read(word, cb, data, ret_line);
}
