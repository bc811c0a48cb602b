// SPDX-License-Identifier: GPL-2.0-or-later
/* What iptables-save prints. Options with their words; what is not in the table is a match that cannot be told. */
#include <string.h>

#include "others.h"

#define WORDS_MAX 128

struct line {
	struct rule *rule;
	char *words[WORDS_MAX];
	size_t n_words, at;
	bool negated; /* "!" stood before the option */
};

/* --- words -------------------------------------------------------------------------------------------------- */

/* Blanks between, quotes around those that have blanks, and a backslash before a quote inside. False: too many. */
static bool words_split(char *text, struct line *line)
{
	char *out = text, *at = text;

	while (*(at += strspn(at, " \t"))) {
		bool quoted = false;

		if (line->n_words == WORDS_MAX)
			return false;
		line->words[line->n_words++] = out;
		for (; *at && (quoted || (*at != ' ' && *at != '\t')); at++) {
			if (*at == '"')
				quoted = !quoted;
			else if (*at == '\\' && at[1])
				*out++ = *++at;
			else
				*out++ = *at;
		}
		at += *at != '\0';
		*out++ = '\0';
	}
	return true;
}

static const char *next_word(struct line *line)
{
	return line->at < line->n_words ? line->words[line->at++] : "";
}

/* The next piece of @list, which is a list with commas. */
static char *next_piece(char **list)
{
	return *list ? strsep(list, ",") : NULL;
}

/* --- options ------------------------------------------------------------------------------------------------ */

static struct rule_match *match_begin(struct line *line, enum rule_field field)
{
	struct rule_match *match = rule_add_match(line->rule, field);

	match->negated = line->negated;
	return match;
}

static void device_option(struct line *line, enum rule_field field)
{
	struct rule_value *value = match_add_row(match_begin(line, field));

	snprintf(value->device, sizeof(value->device), "%s", next_word(line));
}

static void address_option(struct line *line, enum rule_field field)
{
	struct rule_match *match = match_begin(line, field);
	struct rule_value *value = match_add_row(match);
	struct ip_net net;

	if (ip_net_parse(next_word(line), &net)) {
		match->fields[0] = FIELD_UNKNOWN;
		return;
	}
	value->first = value->last = net.addr;
	for (unsigned int i = net.length + (ip_addr_is_v4(&net.addr) ? 96u : 0u); i < 128; i++)
		value->last.b[i / 8] |= (__u8)(0x80 >> i % 8);
}

/* --src-range 192.0.2.1-192.0.2.9 */
static void address_range_option(struct line *line, enum rule_field field)
{
	struct rule_match *match = match_begin(line, field);
	struct rule_value *value = match_add_row(match);
	char *text = line->at < line->n_words ? line->words[line->at++] : NULL;
	const char *first = text ? strsep(&text, "-") : NULL;

	if (!first || ip_addr_parse(first, &value->first) ||
	    ip_addr_parse(text ? text : first, &value->last))
		match->fields[0] = FIELD_UNKNOWN;
}

static void proto_option(struct line *line, enum rule_field field)
{
	static const struct {
		const char *word;
		__u8 number;
	} protos[] = {{"tcp", IPPROTO_TCP},	     {"udp", IPPROTO_UDP},
		      {"icmp", IPPROTO_ICMP},	     {"gre", IPPROTO_GRE},
		      {"ipv6-icmp", IPPROTO_ICMPV6}, {"icmpv6", IPPROTO_ICMPV6},
		      {"esp", IPPROTO_ESP},	     {"ah", IPPROTO_AH},
		      {"sctp", IPPROTO_SCTP},	     {"igmp", IPPROTO_IGMP},
		      {"udplite", IPPROTO_UDPLITE},  {"dccp", IPPROTO_DCCP}};
	struct rule_value *value = match_add_row(match_begin(line, field));
	const char *word = next_word(line);

	value->low = value->high = (__u32)strtoul(word, NULL, 10);
	for (size_t i = 0; i < ARRAY_SIZE(protos); i++) {
		if (!strcmp(word, protos[i].word))
			value->low = value->high = protos[i].number;
	}
}

/* 80 · 80:90 · 80,443,8000:8080 */
static void ports_option(struct line *line, enum rule_field field)
{
	struct rule_match *match = match_begin(line, field);
	char *list = line->at < line->n_words ? line->words[line->at++] : NULL;
	char *piece;

	while ((piece = next_piece(&list))) {
		struct rule_value *value = match_add_row(match);
		char *end;

		value->low = value->high = (__u32)strtoul(piece, &end, 10);
		if (*end == ':')
			value->high = end[1] ? (__u32)strtoul(end + 1, &end, 10) : 65535;
	}
}

static void state_option(struct line *line, enum rule_field field)
{
	static const struct {
		const char *word;
		__u32 bit;
	} states[] = {{"NEW", CONNECTION_NEW},
		      {"ESTABLISHED", CONNECTION_ESTABLISHED},
		      {"RELATED", CONNECTION_RELATED},
		      {"INVALID", CONNECTION_INVALID},
		      {"UNTRACKED", CONNECTION_UNTRACKED},
		      {"DNAT", CONNECTION_DNAT},
		      {"SNAT", CONNECTION_SNAT},
		      {"CONFIRMED", CONNECTION_CONFIRMED}};
	struct rule_value *value = match_add_row(match_begin(line, field));
	char *list = line->at < line->n_words ? line->words[line->at++] : NULL;
	const char *piece;

	while ((piece = next_piece(&list))) {
		__u32 bit = CONNECTION_OTHER;

		for (size_t i = 0; i < ARRAY_SIZE(states); i++) {
			if (!strcmp(piece, states[i].word))
				bit = states[i].bit;
		}
		value->low |= bit;
	}
}

static void type_option(struct line *line, enum rule_field field)
{
	struct rule_match *match = match_begin(line, field);
	char *list = line->at < line->n_words ? line->words[line->at++] : NULL;
	const char *piece;

	while ((piece = next_piece(&list))) {
		struct rule_value *value = match_add_row(match);

		value->low = ADDRESS_OTHER;
		if (!strcmp(piece, "LOCAL"))
			value->low = ADDRESS_LOCAL;
		if (!strcmp(piece, "UNICAST"))
			value->low = ADDRESS_UNICAST;
	}
}

/* 0x1 · 0x1/0xff: what nobody marks is zero, whatever the mask. */
static void mark_option(struct line *line, enum rule_field field)
{
	struct rule_value *value = match_add_row(match_begin(line, field));

	value->low = value->high = (__u32)strtoul(next_word(line), NULL, 0);
}

/* "-j MARK --set-xmark 0x1/0xffffffff"; that of CONNMARK is the connection's. */
static void set_mark_option(struct line *line, enum rule_field field)
{
	__u32 mark = (__u32)strtoul(next_word(line), NULL, 0);

	(void)field;
	if (line->rule->target && !strcmp(line->rule->target, "MARK"))
		line->rule->mark = mark;
}

static __u32 flags_of(const char *text)
{
	static const char *const names[] = {"FIN", "SYN", "RST", "PSH", "ACK", "URG"};
	__u32 mask = 0;

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		if (strstr(text, names[i]))
			mask |= 1u << i;
	}
	return strcmp(text, "ALL") ? mask : 0x3f;
}

static void flags_add(struct line *line, __u32 mask, __u32 left)
{
	struct rule_match *match = match_begin(line, FIELD_TCP_FLAGS);
	struct rule_value *value = match_add_row(match);

	value->low = mask;
	value->high = left;
	/* None of them set is the opposite of any of them. */
	if (!left)
		match->negated = !match->negated;
}

static void flags_option(struct line *line, enum rule_field field)
{
	__u32 mask = flags_of(next_word(line));

	(void)field;
	flags_add(line, mask, flags_of(next_word(line)));
}

static void syn_option(struct line *line, enum rule_field field)
{
	(void)field;
	flags_add(line, 0x17, 0x02);
}

static void direction_option(struct line *line, enum rule_field field)
{
	struct rule_value *value = match_add_row(match_begin(line, field));

	value->low = value->high = !strcmp(next_word(line), "REPLY");
}

static void packet_type_option(struct line *line, enum rule_field field)
{
	struct rule_value *value = match_add_row(match_begin(line, field));

	value->low = value->high = strcmp(next_word(line), "unicast") != 0;
}

/* Whatever it says, the typical packet fits it. */
static void ignored_option(struct line *line, enum rule_field field)
{
	(void)field;
	next_word(line);
}

/* ... and does not: it is not over the limit, and has no routing header. */
static void exceeded_option(struct line *line, enum rule_field field)
{
	(void)field;
	next_word(line);
	match_begin(line, FIELD_MARK);
}

/* ... and comes from where a route leads back. */
static void no_route_option(struct line *line, enum rule_field field)
{
	(void)field;
	match_begin(line, FIELD_ROUTE_BACK);
}

static void flag_option(struct line *line, enum rule_field field)
{
	(void)line;
	(void)field;
}

static void to_option(struct line *line, enum rule_field field)
{
	char *text = line->at < line->n_words ? line->words[line->at++] : NULL;
	char *colon = text ? strrchr(text, ':') : NULL;

	(void)field;
	/* An IPv6 address has brackets where it has a port. */
	if (colon && (text[0] == '[' || strchr(text, ':') == colon)) {
		line->rule->to_port = (__u16)strtoul(colon + 1, NULL, 10);
		*colon = '\0';
	}
	if (text && text[0] == '[') {
		text++;
		text[strcspn(text, "]")] = '\0';
	}
	line->rule->has_to = text && !ip_addr_parse(text, &line->rule->to);
}

static void notrack_option(struct line *line, enum rule_field field)
{
	(void)field;
	line->rule->verdict = VERDICT_NOTRACK;
}

static void module_option(struct line *line, enum rule_field field)
{
	(void)field;
	next_word(line);
}

static void target_option(struct line *line, enum rule_field field);

static const struct {
	const char *word;
	void (*read)(struct line *line, enum rule_field field);
	enum rule_field field;
} options[] = {
	{"-i", device_option, FIELD_IIF},
	{"-o", device_option, FIELD_OIF},
	{"-s", address_option, FIELD_SADDR},
	{"-d", address_option, FIELD_DADDR},
	{"-p", proto_option, FIELD_PROTO},
	{"-m", module_option, FIELD_UNKNOWN},
	{"-j", target_option, FIELD_UNKNOWN},
	{"-g", target_option, FIELD_FAMILY /* a goto */},
	{"--sport", ports_option, FIELD_SPORT},
	{"--sports", ports_option, FIELD_SPORT},
	{"--dport", ports_option, FIELD_DPORT},
	{"--dports", ports_option, FIELD_DPORT},
	{"--ctstate", state_option, FIELD_CONNECTION},
	{"--ctdir", direction_option, FIELD_DIRECTION},
	{"--ctstatus", state_option, FIELD_CONNECTION},
	{"--state", state_option, FIELD_CONNECTION},
	{"--src-type", type_option, FIELD_SADDR_TYPE},
	{"--dst-type", type_option, FIELD_DADDR_TYPE},
	{"--src-range", address_range_option, FIELD_SADDR},
	{"--dst-range", address_range_option, FIELD_DADDR},
	{"--mark", mark_option, FIELD_MARK},
	{"--pkt-type", packet_type_option, FIELD_PACKET_TYPE},
	{"--tcp-flags", flags_option, FIELD_TCP_FLAGS},
	{"--syn", syn_option, FIELD_TCP_FLAGS},
	{"--comment", ignored_option, FIELD_UNKNOWN},
	{"--limit", ignored_option, FIELD_UNKNOWN},
	{"--limit-burst", ignored_option, FIELD_UNKNOWN},
	{"--hashlimit-upto", ignored_option, FIELD_UNKNOWN},
	{"--hashlimit-above", exceeded_option, FIELD_UNKNOWN},
	{"--hashlimit-burst", ignored_option, FIELD_UNKNOWN},
	{"--hashlimit-mode", ignored_option, FIELD_UNKNOWN},
	{"--hashlimit-name", ignored_option, FIELD_UNKNOWN},
	{"--rt-type", exceeded_option, FIELD_UNKNOWN},
	{"--invert", no_route_option, FIELD_UNKNOWN}, /* of rpfilter */
	{"--validmark", flag_option, FIELD_UNKNOWN},
	{"--loose", flag_option, FIELD_UNKNOWN},
	{"--connlimit-above", exceeded_option, FIELD_UNKNOWN},
	{"--to-destination", to_option, FIELD_UNKNOWN},
	{"--notrack", notrack_option, FIELD_UNKNOWN},
	{"--set-xmark", set_mark_option, FIELD_UNKNOWN},
	{"--set-mark", set_mark_option, FIELD_UNKNOWN},
};

/* Ends at the last word; those of a target that is known say nothing more. */
static void options_read(struct line *line)
{
	while (line->at < line->n_words) {
		const char *word = next_word(line);
		size_t i = 0;

		line->negated = !strcmp(word, "!");
		if (line->negated)
			word = next_word(line);
		while (i < ARRAY_SIZE(options) && strcmp(word, options[i].word))
			i++;
		if (i < ARRAY_SIZE(options))
			options[i].read(line, options[i].field);
		else if (word[0] == '-' && line->rule->verdict == VERDICT_NONE &&
			 !line->rule->target)
			rule_add_match(line->rule, FIELD_UNKNOWN);
	}
}

/* --- targets ------------------------------------------------------------------------------------------------ */

static const struct {
	const char *name;
	enum rule_verdict verdict;
} targets[] = {
	{"ACCEPT", VERDICT_ACCEPT},   {"DROP", VERDICT_DROP},	     {"REJECT", VERDICT_DROP},
	{"RETURN", VERDICT_RETURN},   {"DNAT", VERDICT_DNAT},	     {"REDIRECT", VERDICT_DNAT},
	{"NETMAP", VERDICT_UNKNOWN},  {"SNAT", VERDICT_SNAT},	     {"MASQUERADE", VERDICT_SNAT},
	{"NOTRACK", VERDICT_NOTRACK}, {"FLOWOFFLOAD", VERDICT_FLOW}, {"QUEUE", VERDICT_UNKNOWN},
	{"NFQUEUE", VERDICT_UNKNOWN}, {"TPROXY", VERDICT_PROXY},     {"LOG", VERDICT_NONE},
	{"NFLOG", VERDICT_NONE},      {"MARK", VERDICT_NONE},	     {"CONNMARK", VERDICT_NONE},
	{"TCPMSS", VERDICT_NONE},     {"CHECKSUM", VERDICT_NONE},    {"CT", VERDICT_NONE},
	{"SET", VERDICT_NONE},	      {"TRACE", VERDICT_NONE},	     {"DSCP", VERDICT_NONE},
	{"TTL", VERDICT_NONE},	      {"HL", VERDICT_NONE},	     {"CLASSIFY", VERDICT_NONE},
	{"TOS", VERDICT_NONE},	      {"ECN", VERDICT_NONE},	     {"SECMARK", VERDICT_NONE},
};

static void target_option(struct line *line, enum rule_field field)
{
	const char *name = next_word(line);

	line->rule->target = strdup(name);
	if (!line->rule->target)
		abort();
	line->rule->verdict = field == FIELD_FAMILY ? VERDICT_GOTO : VERDICT_JUMP;
	for (size_t i = 0; i < ARRAY_SIZE(targets); i++) {
		if (!strcmp(name, targets[i].name))
			line->rule->verdict = targets[i].verdict;
	}
}

/* --- tables and chains ---------------------------------------------------------------------------------- */

static const struct {
	const char *name;
	enum rule_hook hook;
} hooks[] = {
	{"PREROUTING", HOOK_PREROUTING},   {"INPUT", HOOK_INPUT},
	{"FORWARD", HOOK_FORWARD},	   {"OUTPUT", HOOK_OUTPUT},
	{"POSTROUTING", HOOK_POSTROUTING},
};

/* As the kernel hangs them: NF_IP_PRI_* of linux/netfilter_ipv4.h. */
static const struct {
	const char *name;
	int priority;
} priorities[] = {{"raw", -300}, {"mangle", -150}, {"filter", 0}, {"security", 50}};

static int priority_of(const char *table, enum rule_hook hook)
{
	for (size_t i = 0; i < ARRAY_SIZE(priorities); i++) {
		if (!strcmp(table, priorities[i].name))
			return priorities[i].priority;
	}
	return hook == HOOK_PREROUTING || hook == HOOK_OUTPUT ? -100 : 100;
}

static struct ruletable *table_begin(struct rules *rules, const char *family, const char *program,
				     const char *name)
{
	struct ruletable *table = NULL;

	/* Legacy ones have the names of the others, and hang beside them. */
	for (size_t i = 0; i < rules->n_tables && !strstr(program, "legacy"); i++) {
		struct ruletable *one = &rules->tables[i];

		if (!one->program && !strcmp(one->family, family) && !strcmp(one->name, name))
			table = one;
	}
	if (!table)
		table = rules_add_table(rules, family, name);
	table->program = program;
	for (size_t i = 0; i < table->n_chains; i++) {
		struct chain *chain = &table->chains[i];

		for (size_t k = 0; k < chain->n_rules; k++)
			rule_fini(&chain->rules[k]);
		free(chain->rules);
		free(chain->name);
	}
	table->n_chains = 0;
	free(table->chains);
	table->chains = NULL;
	return table;
}

/* ":FORWARD DROP [0:0]" */
static void chain_begin(struct ruletable *table, char *text)
{
	char *rest = text, *name = strsep(&rest, " ");
	struct chain *chain = rules_add_chain(table, name);

	chain->is_nat = !strcmp(table->name, "nat");
	for (size_t i = 0; i < ARRAY_SIZE(hooks); i++) {
		if (!strcmp(name, hooks[i].name))
			chain->hook = hooks[i].hook;
	}
	chain->priority = priority_of(table->name, chain->hook);
	chain->drops = chain->hook && rest && !strncmp(rest, "DROP", 4);
}

/* "-A FORWARD ..." */
static void rule_read(struct ruletable *table, char *text)
{
	struct line line = {.at = 2};
	_free_ char *copy = strdup(text);
	bool whole;

	if (!copy)
		abort();
	whole = words_split(copy, &line);
	if (line.n_words < 2)
		return;
	for (size_t i = 0; i < table->n_chains; i++) {
		if (strcmp(table->chains[i].name, line.words[1]))
			continue;
		line.rule = rules_add_rule(&table->chains[i], text);
		options_read(&line);
		if (!whole)
			rule_add_match(line.rule, FIELD_UNKNOWN);
	}
}

void rules_read_iptables(struct rules *rules, const char *family, const char *program,
			 const char *text)
{
	_free_ char *copy = strdup(text);
	struct ruletable *table = NULL;
	char *rest = copy, *line;

	if (!copy)
		abort();
	while ((line = strsep(&rest, "\n"))) {
		if (line[0] == '*')
			table = table_begin(rules, family, program, line + 1);
		else if (table && line[0] == ':')
			chain_begin(table, line + 1);
		else if (table && !strncmp(line, "-A ", 3))
			rule_read(table, line);
	}
}
