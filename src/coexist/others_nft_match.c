// SPDX-License-Identifier: GPL-2.0-or-later
/* Matches of nft's JSON: left, which field; right, one value, a range, a prefix, a set, or rows of several of these. */
#include <netdb.h>
#include <string.h>

#include "others_nft.h"

/* --- left ------------------------------------------------------------------------------------------------ */

static const struct {
	const char *key;
	enum rule_field field;
} metas[] = {
	{"iif", FIELD_IIF},	{"iifname", FIELD_IIF},	    {"oif", FIELD_OIF},
	{"oifname", FIELD_OIF}, {"nfproto", FIELD_FAMILY},  {"l4proto", FIELD_PROTO},
	{"mark", FIELD_MARK},	{"protocol", FIELD_FAMILY}, {"pkttype", FIELD_PACKET_TYPE},
};

static const struct {
	const char *protocol, *key;
	enum rule_field field;
} payloads[] = {
	{"ip", "saddr", FIELD_SADDR},	   {"ip", "daddr", FIELD_DADDR},
	{"ip6", "saddr", FIELD_SADDR},	   {"ip6", "daddr", FIELD_DADDR},
	{"ip", "protocol", FIELD_PROTO},   {"ip6", "nexthdr", FIELD_PROTO},
	{"tcp", "sport", FIELD_SPORT},	   {"tcp", "dport", FIELD_DPORT},
	{"udp", "sport", FIELD_SPORT},	   {"udp", "dport", FIELD_DPORT},
	{"th", "sport", FIELD_SPORT},	   {"th", "dport", FIELD_DPORT},
	{"tcp", "flags", FIELD_TCP_FLAGS},
};

static const struct {
	const char *name;
	enum rule_field field; /* what a payload of it implies */
	__u32 number;
} protocols[] = {
	{"ip", FIELD_FAMILY, 4},
	{"ip6", FIELD_FAMILY, 6},
	{"icmp", FIELD_PROTO, IPPROTO_ICMP},
	{"icmpv6", FIELD_PROTO, IPPROTO_ICMPV6},
	{"tcp", FIELD_PROTO, IPPROTO_TCP},
	{"udp", FIELD_PROTO, IPPROTO_UDP},
	{"sctp", FIELD_PROTO, IPPROTO_SCTP},
	{"dccp", FIELD_PROTO, IPPROTO_DCCP},
	{"esp", FIELD_PROTO, IPPROTO_ESP},
	{"ah", FIELD_PROTO, IPPROTO_AH},
	{"udplite", FIELD_PROTO, IPPROTO_UDPLITE},
};

static void imply(struct rule *rule, const char *protocol)
{
	for (size_t i = 0; i < ARRAY_SIZE(protocols); i++) {
		if (!strcmp(protocol, protocols[i].name))
			rule_add_number(rule, protocols[i].field, protocols[i].number,
					protocols[i].number);
	}
}

static enum rule_field payload_field(const json_t *payload)
{
	const char *protocol = json_word(payload, "protocol"), *key = json_word(payload, "field");

	for (size_t i = 0; i < ARRAY_SIZE(payloads); i++) {
		if (!strcmp(protocol, payloads[i].protocol) && !strcmp(key, payloads[i].key))
			return payloads[i].field;
	}
	return FIELD_UNKNOWN;
}

static enum rule_field meta_field(const json_t *meta)
{
	const char *key = json_word(meta, "key");

	for (size_t i = 0; i < ARRAY_SIZE(metas); i++) {
		if (!strcmp(key, metas[i].key))
			return metas[i].field;
	}
	return FIELD_UNKNOWN;
}

/* Addresses and ports of the first packet of a connection are those of ours only where nothing is translated: not asked. */
static enum rule_field ct_field(const json_t *ct)
{
	const char *key = json_word(ct, "key");

	if (!strcmp(key, "state") || !strcmp(key, "status"))
		return FIELD_CONNECTION;
	if (!strcmp(key, "direction"))
		return FIELD_DIRECTION;
	return strcmp(key, "mark") ? FIELD_UNKNOWN : FIELD_MARK;
}

static enum rule_field fib_field(const json_t *fib)
{
	const json_t *flags = json_object_get(fib, "flags"), *flag;
	const char *first = json_string_value(flags);
	bool is_type = !strcmp(json_word(fib, "result"), "type"), of_source;
	size_t i;

	json_array_foreach (flags, i, flag)
		first = first ? first : json_string_value(flag);
	of_source = first && !strcmp(first, "saddr");
	if (!is_type)
		return of_source ? FIELD_ROUTE_BACK : FIELD_UNKNOWN;
	return of_source ? FIELD_SADDR_TYPE : FIELD_DADDR_TYPE;
}

static enum rule_field field_of(const json_t *left)
{
	const json_t *meta = json_object_get(left, "meta"), *ct = json_object_get(left, "ct");
	const json_t *payload = json_object_get(left, "payload");
	const json_t *fib = json_object_get(left, "fib");
	const json_t *masked = json_array_get(json_object_get(left, "&"), 0);

	/* Whatever the mask: what nobody marks is zero. */
	if (masked)
		return field_of(masked) == FIELD_MARK ? FIELD_MARK : FIELD_UNKNOWN;
	if (meta)
		return meta_field(meta);
	if (payload)
		return payload_field(payload);
	if (ct)
		return ct_field(ct);
	return fib ? fib_field(fib) : FIELD_UNKNOWN;
}

/* --- right ------------------------------------------------------------------------------------------------ */

struct word_number {
	const char *word;
	__u32 number;
};

static const struct word_number families[] = {{"ipv4", 4}, {"ip", 4}, {"ipv6", 6}, {"ip6", 6}};
static const struct word_number connections[] = {
	{"new", CONNECTION_NEW},
	{"established", CONNECTION_ESTABLISHED},
	{"related", CONNECTION_RELATED},
	{"invalid", CONNECTION_INVALID},
	{"untracked", CONNECTION_UNTRACKED},
	{"dnat", CONNECTION_DNAT},
	{"snat", CONNECTION_SNAT},
	{"confirmed", CONNECTION_CONFIRMED},
};
static const struct word_number flags[] = {{"fin", 1},	{"syn", 2},  {"rst", 4},  {"psh", 8},
					   {"ack", 16}, {"urg", 32}, {"ecn", 64}, {"cwr", 128}};
static const struct word_number packet_types[] = {
	{"host", 0}, {"unicast", 0}, {"broadcast", 1}, {"multicast", 2}, {"other", 3}};
static const struct word_number directions[] = {{"original", 0}, {"reply", 1}};
static const struct word_number types[] = {{"unicast", ADDRESS_UNICAST}, {"local", ADDRESS_LOCAL}};

static bool number_find(const struct word_number *words, size_t n, const char *word, __u32 *ret)
{
	for (size_t i = 0; i < n; i++) {
		if (!strcmp(words[i].word, word)) {
			*ret = words[i].number;
			return true;
		}
	}
	return false;
}
#define NUMBER_FIND(words, word, ret) number_find(words, ARRAY_SIZE(words), word, ret)

static bool protocol_find(const char *word, __u32 *ret_number)
{
	const struct protoent *entry;

	if (!strcmp(word, "ipv6-icmp"))
		word = "icmpv6";
	for (size_t i = 0; i < ARRAY_SIZE(protocols); i++) {
		if (protocols[i].field == FIELD_PROTO && !strcmp(protocols[i].name, word)) {
			*ret_number = protocols[i].number;
			return true;
		}
	}
	/* One thread reads, and no name is kept. */
	entry = getprotobyname(word); // NOLINT(concurrency-mt-unsafe)
	if (entry)
		*ret_number = (__u32)entry->p_proto;
	return entry != NULL;
}

static bool word_read(enum rule_field field, const char *word, struct rule_value *value)
{
	bool known = false;

	switch (field) {
	case FIELD_IIF:
	case FIELD_OIF:
		snprintf(value->device, sizeof(value->device), "%s", word);
		return strlen(word) < sizeof(value->device);
	case FIELD_SADDR:
	case FIELD_DADDR:
		known = !ip_addr_parse(word, &value->first);
		value->last = value->first;
		return known;
	case FIELD_FAMILY:
		known = NUMBER_FIND(families, word, &value->low);
		break;
	case FIELD_PROTO:
		known = protocol_find(word, &value->low);
		break;
	case FIELD_PACKET_TYPE:
		known = NUMBER_FIND(packet_types, word, &value->low);
		break;
	case FIELD_DIRECTION:
		known = NUMBER_FIND(directions, word, &value->low);
		break;
	case FIELD_CONNECTION:
		return NUMBER_FIND(connections, word, &value->low);
	case FIELD_TCP_FLAGS:
		return NUMBER_FIND(flags, word, &value->low);
	case FIELD_SADDR_TYPE:
	case FIELD_DADDR_TYPE:
		if (!NUMBER_FIND(types, word, &value->low))
			value->low = ADDRESS_OTHER;
		return true;
	default:
		break;
	}
	value->high = value->low;
	return known;
}

static bool range_read(enum rule_field field, const json_t *range, struct rule_value *value)
{
	const json_t *first = json_array_get(range, 0), *last = json_array_get(range, 1);

	if (field == FIELD_SADDR || field == FIELD_DADDR)
		return json_is_string(first) && json_is_string(last) &&
		       !ip_addr_parse(json_string_value(first), &value->first) &&
		       !ip_addr_parse(json_string_value(last), &value->last);
	value->low = (__u32)json_integer_value(first);
	value->high = (__u32)json_integer_value(last);
	return json_is_integer(first) && json_is_integer(last);
}

static bool prefix_read(const json_t *prefix, struct rule_value *value)
{
	struct ip_addr addr;
	unsigned int bits;

	if (ip_addr_parse(json_word(prefix, "addr"), &addr))
		return false;
	bits = (unsigned int)json_integer_value(json_object_get(prefix, "len")) +
	       (ip_addr_is_v4(&addr) ? 96 : 0);
	value->first = value->last = addr;
	for (unsigned int i = bits; i < 128; i++) {
		value->first.b[i / 8] &= (__u8) ~(0x80 >> i % 8);
		value->last.b[i / 8] |= (__u8)(0x80 >> i % 8);
	}
	return true;
}

/* One value; elements of sets may be wrapped with what else is known of them. */
static bool value_read(enum rule_field field, const json_t *json, struct rule_value *value)
{
	const json_t *elem = json_object_get(json, "elem");

	if (elem)
		return value_read(field, json_object_get(elem, "val"), value);
	/* A route is there, or missing; by number or name of its device we do not ask. */
	if (field == FIELD_ROUTE_BACK) {
		value->low = value->high = json_is_true(json);
		return json_is_boolean(json);
	}
	if (json_is_integer(json)) {
		value->low = value->high = (__u32)json_integer_value(json);
		return true;
	}
	if (json_is_string(json))
		return json_string_value(json)[0] != '@' &&
		       word_read(field, json_string_value(json), value);
	if (json_object_get(json, "range"))
		return range_read(field, json_object_get(json, "range"), value);
	if (json_object_get(json, "prefix"))
		return prefix_read(json_object_get(json, "prefix"), value);
	return false;
}

/* False: it cannot be told. */
static bool row_read(struct rule_match *match, const json_t *json)
{
	struct rule_value *row = match_add_row(match);
	const json_t *elem = json_object_get(json, "elem");
	const json_t *concat;

	if (elem)
		json = json_object_get(elem, "val");
	concat = json_object_get(json, "concat");
	if (match->n_fields == 1)
		return value_read(match->fields[0], json, row);
	for (size_t i = 0; i < match->n_fields; i++) {
		if (!value_read(match->fields[i], json_array_get(concat, i), &row[i]))
			return false;
	}
	return true;
}

static bool rows_read(struct rule_match *match, const json_t *rows)
{
	const json_t *row;
	size_t i;

	json_array_foreach (rows, i, row) {
		if (!row_read(match, row))
			return false;
	}
	return true;
}

static bool right_read(const struct nft_reading *reading, struct rule_match *match,
		       const json_t *right)
{
	const char *word = json_string_value(right);
	const json_t *set = json_object_get(right, "set");

	if (word && word[0] == '@')
		set = nft_object_find(reading, "set", word + 1);
	if (word && word[0] == '@')
		return set && rows_read(match, json_object_get(set, "elem"));
	if (json_is_string(set) && json_string_value(set)[0] == '@')
		return right_read(reading, match, set);
	if (set)
		return json_is_array(set) ? rows_read(match, set) : row_read(match, set);
	if (json_is_array(right))
		return rows_read(match, right);
	return row_read(match, right);
}

/* --- flags of TCP ------------------------------------------------------------------------------------- */

/* "fin", ["fin", "syn"], or {"|": [...]} in any nesting. */
static bool flags_read(const json_t *json, __u32 *mask)
{
	const json_t *either = json_object_get(json, "|"), *one;
	__u32 flag;
	size_t i;

	if (json_is_integer(json)) {
		*mask |= (__u32)json_integer_value(json);
		return true;
	}
	if (json_is_string(json)) {
		if (!NUMBER_FIND(flags, json_string_value(json), &flag))
			return false;
		*mask |= flag;
		return true;
	}
	if (!either)
		either = json;
	json_array_foreach (either, i, one) {
		if (!flags_read(one, mask))
			return false;
	}
	return json_is_array(either);
}

/* tcp flags & (fin|syn|rst|ack) == syn */
static bool masked_flags_add(struct rule *rule, const struct nft_match *match)
{
	const json_t *both = json_object_get(match->left, "&");
	__u32 mask = 0, left = 0;
	struct rule_match *made;
	struct rule_value *value;

	if (!both || field_of(json_array_get(both, 0)) != FIELD_TCP_FLAGS ||
	    !flags_read(json_array_get(both, 1), &mask) || !flags_read(match->right, &left))
		return false;
	imply(rule, "tcp");
	made = rule_add_match(rule, FIELD_TCP_FLAGS);
	made->negated = !strcmp(match->op, "!=");
	value = match_add_row(made);
	value->low = mask;
	value->high = left;
	/* None of them set: not what `high` can say. */
	if (!left) {
		made->negated = !made->negated;
	}
	return true;
}

/* --- all -------------------------------------------------------------------------------------------------- */

static bool fields_read(struct rule *rule, const json_t *left, struct rule_match *draft)
{
	const json_t *concat = json_object_get(left, "concat");
	size_t n = concat ? json_array_size(concat) : 1;

	draft->n_fields = n;
	if (n == 0 || n > MATCH_FIELDS_MAX)
		return false;
	for (size_t i = 0; i < n; i++) {
		const json_t *one = concat ? json_array_get(concat, i) : left;

		imply(rule, json_word(json_object_get(one, "payload"), "protocol"));
		draft->fields[i] = field_of(one);
		if (draft->fields[i] == FIELD_UNKNOWN)
			return false;
	}
	return true;
}

static bool is_plain_op(const char *op)
{
	return !strcmp(op, "==") || !strcmp(op, "!=") || !strcmp(op, "in");
}

void nft_match_add(const struct nft_reading *reading, struct rule *rule,
		   const struct nft_match *match)
{
	struct rule_match draft = {0}, *made;

	if (masked_flags_add(rule, match))
		return;
	if (!is_plain_op(match->op) || !fields_read(rule, match->left, &draft)) {
		rule_add_match(rule, FIELD_UNKNOWN);
		return;
	}
	draft.negated = !strcmp(match->op, "!=");
	made = rule_add_match(rule, FIELD_UNKNOWN);
	*made = draft;
	if (!right_read(reading, made, match->right)) {
		made->n_fields = 1;
		made->fields[0] = FIELD_UNKNOWN;
	}
}
