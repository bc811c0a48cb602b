// SPDX-License-Identifier: GPL-2.0-or-later
/* Both directions from one description of the structures: a key that is printed is one that is read. */
#include "facts.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "strbuf.h"

enum kind {
	KIND_NAME,
	KIND_MASTER, /* a name, or null for none */
	KIND_NUMBER,
	KIND_LENGTH,
	KIND_BOOL,
	KIND_MAC,
	KIND_ADDR,
	KIND_GATEWAY, /* an address, or null for none */
	KIND_NET,
	KIND_LIST,
	KIND_MAX,
};

struct field {
	const char *key;
	enum kind kind;
	bool optional; /* nothing, where it is missing */
	size_t offset;
	size_t count; /* KIND_LIST: offset of the number of elements, which are of this shape: */
	const struct shape *of;
};

/* An object of @fields; without any, an address alone. */
struct shape {
	const struct field *fields;
	size_t n_fields, size;
};

/* What stands between the braces of a struct shape or a struct field. */
#define SHAPE(type, list) list, ARRAY_SIZE(list), sizeof(type)
#define FIELD(type, member, kind) #member, kind, false, offsetof(type, member), 0, NULL
#define LIST_OF(type, list, of, optional) \
#list, KIND_LIST, optional, offsetof(type, list), offsetof(type, n_##list), &(of)
#define LIST(type, list, of) LIST_OF(type, list, of, false)
#define OBSERVED(type, list, of) LIST_OF(type, list, of, true)

static const struct field addr_fields[] = {
	{FIELD(struct fact_addr, addr, KIND_ADDR)},
	{FIELD(struct fact_addr, length, KIND_LENGTH)},
	{FIELD(struct fact_addr, permanent, KIND_BOOL)},
};
static const struct shape addr_shape = {SHAPE(struct fact_addr, addr_fields)};

static const struct field link_fields[] = {
	{FIELD(struct fact_link, name, KIND_NAME)},
	{FIELD(struct fact_link, ifindex, KIND_NUMBER)},
	{FIELD(struct fact_link, master, KIND_NUMBER)},
	{FIELD(struct fact_link, master_name, KIND_MASTER)},
	{FIELD(struct fact_link, mac, KIND_MAC)},
	{FIELD(struct fact_link, mtu, KIND_NUMBER)},
	{FIELD(struct fact_link, up, KIND_BOOL)},
	{FIELD(struct fact_link, running, KIND_BOOL)},
	{FIELD(struct fact_link, ethernet, KIND_BOOL)},
	{FIELD(struct fact_link, layer3, KIND_BOOL)},
	{FIELD(struct fact_link, bridge, KIND_BOOL)},
	{LIST(struct fact_link, addrs, addr_shape)},
};
static const struct shape link_shape = {SHAPE(struct fact_link, link_fields)};

static const struct field route_fields[] = {
	{FIELD(struct fact_route, net, KIND_NET)},
	{FIELD(struct fact_route, gateway, KIND_GATEWAY)},
	{FIELD(struct fact_route, ifindex, KIND_NUMBER)},
	{FIELD(struct fact_route, metric, KIND_NUMBER)},
	{FIELD(struct fact_route, table, KIND_NUMBER)},
};
static const struct shape route_shape = {SHAPE(struct fact_route, route_fields)};

static const struct field neigh_fields[] = {
	{FIELD(struct fact_neigh, addr, KIND_ADDR)},
	{FIELD(struct fact_neigh, ifindex, KIND_NUMBER)},
	{FIELD(struct fact_neigh, mac, KIND_MAC)},
	{FIELD(struct fact_neigh, reachable, KIND_BOOL)},
};
static const struct shape neigh_shape = {SHAPE(struct fact_neigh, neigh_fields)};

static const struct shape other_shape = {NULL, 0, sizeof(struct ip_addr)};

static const struct field facts_fields[] = {
	{LIST(struct facts, links, link_shape)},
	{LIST(struct facts, routes, route_shape)},
	{LIST(struct facts, neighs, neigh_shape)},
	{LIST(struct facts, others, other_shape)},
	{OBSERVED(struct facts, publics, other_shape)},
	{OBSERVED(struct facts, answering, other_shape)},
};
static const struct shape facts_shape = {SHAPE(struct facts, facts_fields)};

/* --- one value ---------------------------------------------------------------------------------- */

static json_t *name_encode(const void *at)
{
	return json_string(at);
}

static bool name_decode(const json_t *json, void *at)
{
	size_t length = json_string_length(json);

	if (!length || length >= IFNAMSIZ || memchr(json_string_value(json), '\0', length))
		return false;
	memcpy(at, json_string_value(json), length + 1);
	return true;
}

static json_t *master_encode(const void *at)
{
	return *(const char *)at ? name_encode(at) : json_null();
}

static bool master_decode(const json_t *json, void *at)
{
	return json_is_null(json) || name_decode(json, at);
}

static json_t *number_encode(const void *at)
{
	return json_integer(*(const unsigned int *)at);
}

static bool number_decode(const json_t *json, void *at)
{
	json_int_t value = json_integer_value(json);

	if (!json_is_integer(json) || value < 0 || value > UINT_MAX)
		return false;
	*(unsigned int *)at = (unsigned int)value;
	return true;
}

static json_t *length_encode(const void *at)
{
	return json_integer(*(const __u8 *)at);
}

static bool length_decode(const json_t *json, void *at)
{
	json_int_t value = json_integer_value(json);

	if (!json_is_integer(json) || value < 0 || value > 128)
		return false;
	*(__u8 *)at = (__u8)value;
	return true;
}

static json_t *bool_encode(const void *at)
{
	return json_boolean(*(const bool *)at);
}

static bool bool_decode(const json_t *json, void *at)
{
	if (!json_is_boolean(json))
		return false;
	*(bool *)at = json_is_true(json);
	return true;
}

static json_t *mac_encode(const void *at)
{
	const __u8 *mac = at;
	char text[18];

	snprintf(text, sizeof(text), "%02x:%02x:%02x:%02x:%02x:%02x", mac[0], mac[1], mac[2],
		 mac[3], mac[4], mac[5]);
	return json_string(text);
}

static bool mac_decode(const json_t *json, void *at)
{
	const char *text = json_string_value(json);
	__u8 mac[6];
	int used = 0;

	if (!text || strlen(text) != 17 || strspn(text, "0123456789abcdefABCDEF:") != 17)
		return false;
	if (sscanf(text, "%2hhx:%2hhx:%2hhx:%2hhx:%2hhx:%2hhx%n", &mac[0], &mac[1], &mac[2],
		   &mac[3], &mac[4], &mac[5], &used) != 6 ||
	    used != 17)
		return false;
	memcpy(at, mac, sizeof(mac));
	return true;
}

static json_t *addr_encode(const void *at)
{
	char text[IP_TEXT_MAX];

	return json_string(ip_addr_format(at, text));
}

static bool addr_decode(const json_t *json, void *at)
{
	return json_is_string(json) && !ip_addr_parse(json_string_value(json), at);
}

static json_t *gateway_encode(const void *at)
{
	return ip_addr_is_zero(at) ? json_null() : addr_encode(at);
}

static bool gateway_decode(const json_t *json, void *at)
{
	return json_is_null(json) || addr_decode(json, at);
}

static json_t *net_encode(const void *at)
{
	char text[IP_TEXT_MAX];

	return json_string(ip_net_format(at, text));
}

static bool net_decode(const json_t *json, void *at)
{
	return json_is_string(json) && !ip_net_parse(json_string_value(json), at);
}

static const struct codec {
	json_t *(*encode)(const void *at);
	bool (*decode)(const json_t *json, void *at);
	const char *expected;
} codecs[] = {
	[KIND_NAME] = {name_encode, name_decode, "the name of an interface, 1 to 15 characters"},
	[KIND_MASTER] = {master_encode, master_decode,
			 "the name of an interface, or null for none"},
	[KIND_NUMBER] = {number_encode, number_decode, "a number from 0 to 4294967295"},
	[KIND_LENGTH] = {length_encode, length_decode, "a number from 0 to 128"},
	[KIND_BOOL] = {bool_encode, bool_decode, "true or false"},
	[KIND_MAC] = {mac_encode, mac_decode, "an Ethernet address, \"02:00:00:00:00:01\""},
	[KIND_ADDR] = {addr_encode, addr_decode, "an address, \"192.0.2.1\" or \"2001:db8::1\""},
	[KIND_GATEWAY] = {gateway_encode, gateway_decode, "an address, or null for none"},
	[KIND_NET] = {net_encode, net_decode, "a network, \"192.0.2.0/24\""},
};
_Static_assert(ARRAY_SIZE(codecs) == KIND_LIST && KIND_LIST + 1 == KIND_MAX, "codecs");

/* --- writing ------------------------------------------------------------------------------------ */

static json_t *object_encode(const struct shape *shape, const char *base);

static json_t *list_encode(const struct field *field, const char *base)
{
	const char *items = *(const char *const *)(const void *)(base + field->offset);
	size_t n = *(const size_t *)(const void *)(base + field->count);
	json_t *array = json_array();

	for (size_t i = 0; i < n; i++)
		json_array_append_new(array, object_encode(field->of, items + i * field->of->size));
	return array;
}

static json_t *object_encode(const struct shape *shape, const char *base)
{
	json_t *object;

	if (!shape->n_fields)
		return addr_encode(base);
	object = json_object();
	for (size_t i = 0; i < shape->n_fields; i++) {
		const struct field *field = &shape->fields[i];

		json_object_set_new(object, field->key,
				    field->kind == KIND_LIST
					    ? list_encode(field, base)
					    : codecs[field->kind].encode(base + field->offset));
	}
	return object;
}

json_t *facts_to_json(const struct facts *facts)
{
	return object_encode(&facts_shape, (const char *)facts);
}

/* --- reading ------------------------------------------------------------------------------------ */

/* Where the reader is, as a chain on the stack: a key, or the index of an element where the key is NULL. */
struct where {
	const struct where *up;
	const char *key;
	size_t index;
};

struct decoder {
	char *why;
	size_t size;
};

static void where_add(struct strbuf *text, const struct where *where)
{
	if (!where)
		return;
	where_add(text, where->up);
	if (where->key)
		strbuf_add(text, "%s%s", text->length ? "." : "", where->key);
	else
		strbuf_add(text, "[%zu]", where->index);
}

static int refuse(const struct decoder *decoder, const struct where *where, const char *what,
		  const char *expected)
{
	struct strbuf text _strbuf_ = {};

	where_add(&text, where);
	snprintf(decoder->why, decoder->size, "%s%s%s; expected %s", strbuf_text(&text),
		 text.length ? ": " : "", what, expected);
	return -EINVAL;
}

static int object_decode(const struct decoder *decoder, const struct where *where,
			 const struct shape *shape, const json_t *json, char *base);

static int list_decode(const struct decoder *decoder, const struct where *where,
		       const struct field *field, const json_t *json, char *base)
{
	size_t n = json_array_size(json), size = field->of->size;
	char *items;

	if (!json && field->optional)
		return 0;
	if (!json_is_array(json))
		return refuse(decoder, where, json ? "wrong value" : "missing", "a list");
	if (!n)
		return 0;
	items = calloc(n, size);
	if (!items)
		return refuse(decoder, where, "too long for the memory", "a shorter list");
	*(char **)(void *)(base + field->offset) = items;
	*(size_t *)(void *)(base + field->count) = n;
	for (size_t i = 0; i < n; i++) {
		struct where element = {where, NULL, i};
		int r = object_decode(decoder, &element, field->of, json_array_get(json, i),
				      items + i * size);

		if (r < 0)
			return r;
	}
	return 0;
}

static int object_decode(const struct decoder *decoder, const struct where *where,
			 const struct shape *shape, const json_t *json, char *base)
{
	if (!shape->n_fields && !addr_decode(json, base))
		return refuse(decoder, where, "wrong value", codecs[KIND_ADDR].expected);
	if (shape->n_fields && !json_is_object(json))
		return refuse(decoder, where, "wrong value", "an object");
	for (size_t i = 0; i < shape->n_fields; i++) {
		const struct field *field = &shape->fields[i];
		const json_t *value = json_object_get(json, field->key);
		struct where at = {where, field->key, 0};
		int r = 0;

		if (field->kind == KIND_LIST)
			r = list_decode(decoder, &at, field, value, base);
		else if (!value || !codecs[field->kind].decode(value, base + field->offset))
			r = refuse(decoder, &at, value ? "wrong value" : "missing",
				   codecs[field->kind].expected);
		if (r < 0)
			return r;
	}
	return 0;
}

/* What one value cannot say: a prefix is as long as its family's addresses at most. */
static int lengths_check(const struct decoder *decoder, const struct facts *facts)
{
	for (size_t i = 0; i < facts->n_links; i++) {
		for (size_t j = 0; j < facts->links[i].n_addrs; j++) {
			const struct fact_addr *addr = &facts->links[i].addrs[j];
			struct where at[] = {{NULL, "links", 0},
					     {&at[0], NULL, i},
					     {&at[1], "addrs", 0},
					     {&at[2], NULL, j},
					     {&at[3], "length", 0}};

			if (ip_addr_is_v4(&addr->addr) && addr->length > 32)
				return refuse(decoder, &at[4], "wrong value",
					      "at most 32 for an IPv4 address");
		}
	}
	return 0;
}

int facts_from_json(const json_t *json, struct facts **ret_facts, char *why, size_t size)
{
	struct decoder decoder = {why, size};
	struct facts *facts _facts_ = calloc(1, sizeof(*facts));
	int r;

	if (!facts)
		return -ENOMEM;
	r = object_decode(&decoder, NULL, &facts_shape, json, (char *)facts);
	if (!r)
		r = lengths_check(&decoder, facts);
	if (r < 0)
		return r;
	*ret_facts = TAKE_PTR(facts);
	return 0;
}
