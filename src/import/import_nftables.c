// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A ruleset of nftables in its JSON form (libnftables-json(5)): rules whose last word is `dnat`, each with ports of its own or by a map of them.
 */
#include <errno.h>
#include <jansson.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include "import_internal.h"

/* What the words of a rule before its last one say. */
struct rule {
	const json_t *body; /* of the ruleset */
	const char *family, *table, *chain, *name;
	json_int_t handle;
	__u8 proto; /* 0: not said */
	const json_t *ports; /* what dport is compared with; NULL: not said */
	const json_t *source;
	const char *odd;
};

static void leave(struct import *import, const struct rule *rule, const char *why)
{
	import_note(import, "table %s %s, chain %s, handle %lld: %s", rule->family, rule->table,
		    rule->chain, (long long)rule->handle, why);
}

/* --- words --------------------------------------------------------------------------------- */

static __u8 proto_of(const char *text)
{
	if (text && !strcmp(text, "tcp"))
		return IPPROTO_TCP;
	return text && !strcmp(text, "udp") ? IPPROTO_UDP : 0;
}

static void payload_read(struct rule *rule, const json_t *payload, const json_t *right, bool is_not)
{
	const char *protocol = json_string_value(json_object_get(payload, "protocol"));
	const char *field = json_string_value(json_object_get(payload, "field"));

	if (!protocol || !field) {
		rule->odd = "payload";
	} else if (!strcmp(field, "dport") && !is_not) {
		rule->ports = right;
		rule->proto = proto_of(protocol) ? proto_of(protocol) : rule->proto;
	} else if (!strcmp(field, "saddr") && !is_not) {
		rule->source = right;
	} else if (strcmp(field, "daddr")) {
		rule->odd = field;
	}
}

/* On which interface and to which address of ours makes no difference: a forward is for all of these. */
static void match_read(struct rule *rule, const json_t *match)
{
	static const char *const plain[] = {"iifname", "iif", "nfproto", "oifname", "oif"};
	json_t *left = json_object_get(match, "left");
	const json_t *right = json_object_get(match, "right");
	const char *op = json_string_value(json_object_get(match, "op"));
	const char *key = json_string_value(json_object_get(json_object_get(left, "meta"), "key"));
	bool is_not = op && !strcmp(op, "!=");

	if (json_object_get(left, "payload")) {
		payload_read(rule, json_object_get(left, "payload"), right, is_not);
		return;
	}
	if (json_object_get(left, "fib"))
		return;
	if (key && !strcmp(key, "l4proto") && !is_not && json_is_string(right)) {
		rule->proto = proto_of(json_string_value(right));
		return;
	}
	for (size_t i = 0; key && i < sizeof(plain) / sizeof(*plain); i++) {
		if (!strcmp(key, plain[i]))
			return;
	}
	rule->odd = key ? key : json_object_iter_key(json_object_iter(left));
}

/* --- ports and hosts ----------------------------------------------------------------------- */

static int number_read(const json_t *value, __u16 *ret_port)
{
	json_int_t number = json_integer_value(value);

	if (!json_is_integer(value) || number < 1 || number > 65535)
		return -EINVAL;
	*ret_port = (__u16)number;
	return 0;
}

static int ports_read(const json_t *value, __u16 *ret_first, __u16 *ret_last)
{
	const json_t *range = json_object_get(value, "range");

	if (range)
		return number_read(json_array_get(range, 0), ret_first) ||
				       number_read(json_array_get(range, 1), ret_last) ||
				       *ret_last < *ret_first
			       ? -EINVAL
			       : 0;
	if (number_read(value, ret_first))
		return -EINVAL;
	*ret_last = *ret_first;
	return 0;
}

static int host_read(const json_t *value, struct ip_addr *ret_host)
{
	return !json_is_string(value) || ip_addr_parse(json_string_value(value), ret_host) ||
			       !ip_addr_is_v4(ret_host)
		       ? -EINVAL
		       : 0;
}

/* The port that a target names: where the range begins, or none. */
static int internal_read(const json_t *port, struct import_forward *forward)
{
	__u16 first, last;

	forward->internal_first = forward->external_first;
	if (!port)
		return 0;
	if (ports_read(port, &first, &last) ||
	    last - first != forward->external_last - forward->external_first ||
	    (first != last && first != forward->external_first))
		return -EINVAL;
	forward->internal_first = first;
	return 0;
}

/* "203.0.113.7", or {"prefix": {"addr": ..., "len": ...}}. */
static int net_read(const json_t *value, struct ip_net *ret_net)
{
	const json_t *prefix = json_object_get(value, "prefix");
	char text[IP_TEXT_MAX];

	if (prefix)
		snprintf(text, sizeof(text), "%s/%lld",
			 json_string_value(json_object_get(prefix, "addr")) ?: "",
			 (long long)json_integer_value(json_object_get(prefix, "len")));
	else
		snprintf(text, sizeof(text), "%s", json_string_value(value) ?: "");
	return import_net_parse(text, ret_net);
}

/* Each of a set, or the one. */
static const json_t *element(const json_t *value, size_t i)
{
	const json_t *set = json_object_get(value, "set");

	if (set)
		return json_array_get(set, i);
	return i ? NULL : value;
}

static int source_read(const struct rule *rule, struct import_rule *to)
{
	const json_t *value;

	for (size_t i = 0; rule->source && (value = element(rule->source, i)); i++) {
		if (i == IMPORT_ALLOW_MAX || net_read(value, &to->allow[i]))
			return -EINVAL;
		to->n_allow++;
	}
	return 0;
}

static void forward_add(struct import *import, const struct rule *rule, struct import_rule *to)
{
	if (source_read(rule, to)) {
		leave(import, rule, "a source that is not a list of networks");
		return;
	}
	if (to->n_allow && ip_addr_is_private(&to->allow[0].addr)) {
		leave(import, rule,
		      "only for hosts inside: with a forward of that port hairpin serves them by itself");
		return;
	}
	to->name = rule->name;
	if (import_add(import, to) == IMPORT_OTHER)
		leave(import, rule, "the same port leads elsewhere by an earlier rule");
}

/* --- targets ------------------------------------------------------------------------------- */

static void target_read(struct import *import, const struct rule *rule, const json_t *dnat)
{
	const json_t *value;

	if (!rule->ports || !rule->proto) {
		leave(import, rule,
		      "all ports or another protocol; a forward is for ports of tcp or udp");
		return;
	}
	for (size_t i = 0; (value = element(rule->ports, i)); i++) {
		struct import_rule to = {.forward.proto = rule->proto};

		if (ports_read(value, &to.forward.external_first, &to.forward.external_last) ||
		    host_read(json_object_get(dnat, "addr"), &to.host) ||
		    internal_read(json_object_get(dnat, "port"), &to.forward))
			leave(import, rule, "not one host and as many ports as there are outside");
		else
			forward_add(import, rule, &to);
	}
}

/* The elements of @data: written there, or those of a named map. */
static const json_t *map_elements(const struct rule *rule, const json_t *data)
{
	const char *named = json_string_value(data);
	const json_t *item;
	size_t i;

	if (!named)
		return json_object_get(data, "set");
	json_array_foreach (rule->body, i, item) {
		const json_t *map = json_object_get(item, "map");

		if (map && *named == '@' &&
		    !strcmp(json_string_value(json_object_get(map, "name")) ?: "", named + 1) &&
		    !strcmp(json_string_value(json_object_get(map, "table")) ?: "", rule->table))
			return json_object_get(map, "elem");
	}
	return NULL;
}

/* A key of [protocol and] port, a value of host [and port]. */
static int pair_read(const struct rule *rule, const json_t *key, const json_t *value,
		     struct import_rule *to)
{
	const json_t *parts = json_object_get(key, "concat"),
		     *hosts = json_object_get(value, "concat");

	to->forward.proto =
		parts ? proto_of(json_string_value(json_array_get(parts, 0))) : rule->proto;
	if (!to->forward.proto ||
	    ports_read(parts ? json_array_get(parts, 1) : key, &to->forward.external_first,
		       &to->forward.external_last) ||
	    host_read(hosts ? json_array_get(hosts, 0) : value, &to->host))
		return -EINVAL;
	return internal_read(hosts ? json_array_get(hosts, 1) : NULL, &to->forward);
}

static void map_read(struct import *import, const struct rule *rule, const json_t *map)
{
	const json_t *elements = map_elements(rule, json_object_get(map, "data")), *pair;
	size_t i;

	if (!elements)
		leave(import, rule, "a map that is not in the ruleset");
	json_array_foreach (elements, i, pair) {
		const json_t *key = json_array_get(pair, 0), *value = json_array_get(pair, 1);
		struct import_rule to = {0};

		if (json_object_get(key, "elem"))
			key = json_object_get(json_object_get(key, "elem"), "val");
		if (pair_read(rule, key, value, &to))
			leave(import, rule, "an element of its map that is not a port and a host");
		else
			forward_add(import, rule, &to);
	}
}

static void dnat_read(struct import *import, const struct rule *rule, const json_t *dnat)
{
	const json_t *map = json_object_get(json_object_get(dnat, "addr"), "map");
	char why[128];

	if (rule->odd) {
		snprintf(why, sizeof(why), "\"%s\" says what no forward here can", rule->odd);
		leave(import, rule, why);
	} else if (map) {
		map_read(import, rule, map);
	} else {
		target_read(import, rule, dnat);
	}
}

static void rule_read(struct import *import, const json_t *body, const json_t *json)
{
	struct rule rule = {
		.body = body,
		.family = json_string_value(json_object_get(json, "family")) ?: "",
		.table = json_string_value(json_object_get(json, "table")) ?: "",
		.chain = json_string_value(json_object_get(json, "chain")) ?: "",
		.name = json_string_value(json_object_get(json, "comment")),
		.handle = json_integer_value(json_object_get(json, "handle")),
	};
	const json_t *word;
	size_t i;

	/* Our own: what they say stands in the configuration already. */
	if (!strncmp(rule.table, "hairpin", 7))
		return;
	json_array_foreach (json_object_get(json, "expr"), i, word) {
		if (json_object_get(word, "match"))
			match_read(&rule, json_object_get(word, "match"));
		else if (json_object_get(word, "dnat"))
			dnat_read(import, &rule, json_object_get(word, "dnat"));
		else if (json_object_get(word, "redirect"))
			leave(import, &rule, "to this machine itself");
		else if (json_object_get(word, "snat") || json_object_get(word, "masquerade"))
			leave(import, &rule,
			      "translation of sources, which hairpin does by itself, outwards and for the loopback");
	}
}

int import_nftables(struct import *import, const char *text, struct strbuf *why)
{
	json_error_t error;
	json_t *json = json_loads(text, 0, &error);
	const json_t *body = json_object_get(json, "nftables"), *item;
	size_t i;

	if (!json || !json_is_array(body)) {
		strbuf_add(why, "no ruleset in JSON%s%s; `nft -j list ruleset` prints one",
			   json ? "" : ": ", json ? "" : error.text);
		json_decref(json);
		return -EINVAL;
	}
	json_array_foreach (body, i, item) {
		if (json_object_get(item, "rule"))
			rule_read(import, body, json_object_get(item, "rule"));
	}
	json_decref(json);
	return 0;
}
