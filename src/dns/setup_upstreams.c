// SPDX-License-Identifier: GPL-2.0-or-later
/* The part of a setup about upstreams: who they are, and which names they are asked for. */
#include <errno.h>
#include <hairpin/limits.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "setup.h"

_Static_assert((int)CONF_DNS_PLAIN == (int)DNS_UPSTREAM_PLAIN &&
		       (int)CONF_DNS_TLS == (int)DNS_UPSTREAM_TLS &&
		       (int)CONF_DNS_HTTPS == (int)DNS_UPSTREAM_HTTPS,
	       "one number for each");

_Static_assert(LIMIT_UPSTREAMS <= 64, "a bit each in dns_servers");

/* --- writing ------------------------------------------------------------------------------------------ */

static json_t *addr_write(const struct ip_addr *addr)
{
	char text[IP_TEXT_MAX];

	return json_string(ip_addr_format(addr, text));
}

static json_t *words_write(char *const *words, size_t n)
{
	json_t *list = json_array();

	for (size_t i = 0; i < n; i++)
		json_array_append_new(list, json_string(words[i]));
	return list;
}

json_t *dns_setup_upstreams_write(const struct plan_dns *dns)
{
	json_t *list = json_array();

	for (size_t i = 0; i < dns->n_upstreams; i++) {
		const struct plan_upstream *upstream = &dns->upstreams[i];

		json_array_append_new(
			list, json_pack("{s:o, s:i, s:i, s:s, s:s, s:o, s:b}", "address",
					addr_write(&upstream->addr), "port", (int)upstream->port,
					"kind", (int)upstream->transport, "name", upstream->name,
					"path", upstream->path, "domains",
					words_write(upstream->domains, upstream->n_domains),
					"named", (int)upstream->is_named));
	}
	return list;
}

json_t *dns_setup_policy_write(const struct plan_dns *dns)
{
	json_t *bootstraps = json_array();

	for (size_t i = 0; i < dns->n_bootstraps; i++)
		json_array_append_new(bootstraps,
				      json_pack("[o, i]", addr_write(&dns->bootstraps[i].addr),
						(int)dns->bootstraps[i].port));
	return json_pack("{s:o, s:b, s:o}", "general_domains",
			 words_write(dns->general_domains, dns->n_general_domains), "parallel",
			 (int)dns->upstreams_parallel, "bootstrap", bootstraps);
}

/* --- reading ------------------------------------------------------------------------------------------ */

/* @servers: whom its names are asked of; 0: the general ones. */
static int routes_read(const json_t *domains, dns_servers servers, struct dns_setup *setup)
{
	size_t n = json_array_size(domains);
	struct dns_route *more =
		reallocarray(setup->routes, setup->n_routes + n + 1, sizeof(*setup->routes));

	if (!more)
		return -ENOMEM;
	setup->routes = more;
	for (size_t i = 0; i < n; i++) {
		const char *text = json_string_value(json_array_get(domains, i));
		struct dns_route *route = &setup->routes[setup->n_routes];

		*route = (struct dns_route){.servers = servers};
		route->is_single_label = text && !*text;
		if (!text || (*text && dns_name_parse(text, &route->name)))
			return -EINVAL;
		setup->n_routes++;
	}
	return 0;
}

/* A text that is there and fits. */
static int text_copy(const json_t *text, char *to, size_t size)
{
	const char *from = json_string_value(text);

	if (!from || strlen(from) >= size)
		return -EINVAL;
	strcpy(to, from);
	return 0;
}

static int list_read(const json_t *list, struct dns_setup *setup)
{
	setup->upstreams = calloc(json_array_size(list) + 1, sizeof(*setup->upstreams));
	if (!setup->upstreams)
		return -ENOMEM;
	if (json_array_size(list) > LIMIT_UPSTREAMS)
		return -EINVAL;
	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t *item = json_array_get(list, i);
		struct dns_upstream_conf *upstream = &setup->upstreams[setup->n_upstreams++];
		const char *text = json_string_value(json_object_get(item, "address"));

		if (!text || ip_addr_parse(text, &upstream->addr))
			return -EINVAL;
		upstream->is_named = json_is_true(json_object_get(item, "named"));
		upstream->port = (__u16)json_integer_value(json_object_get(item, "port"));
		upstream->kind =
			(enum dns_upstream_kind)json_integer_value(json_object_get(item, "kind"));
		if (text_copy(json_object_get(item, "name"), upstream->name,
			      sizeof(upstream->name)) ||
		    text_copy(json_object_get(item, "path"), upstream->path,
			      sizeof(upstream->path)) ||
		    routes_read(json_object_get(item, "domains"), 1ull << i, setup))
			return -EINVAL;
		if (!json_array_size(json_object_get(item, "domains")))
			setup->general |= 1ull << i;
	}
	return 0;
}

static int bootstraps_read(const json_t *list, struct dns_setup *setup)
{
	setup->bootstraps = calloc(json_array_size(list) + 1, sizeof(*setup->bootstraps));
	if (!setup->bootstraps)
		return -ENOMEM;
	if (json_array_size(list) > LIMIT_UPSTREAMS)
		return -EINVAL;
	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t *item = json_array_get(list, i);
		struct dns_upstream_conf *one = &setup->bootstraps[setup->n_bootstraps++];
		const char *text = json_string_value(json_array_get(item, 0));

		if (!text || ip_addr_parse(text, &one->addr))
			return -EINVAL;
		one->port = (__u16)json_integer_value(json_array_get(item, 1));
	}
	return 0;
}

int dns_setup_upstreams_read(const json_t *json, struct dns_setup *setup)
{
	const json_t *policy = json_object_get(json, "policy");
	int ret = list_read(json_object_get(json, "upstreams"), setup);

	setup->is_parallel = json_is_true(json_object_get(policy, "parallel"));
	if (!ret)
		ret = routes_read(json_object_get(policy, "general_domains"), 0, setup);
	return ret ? ret : bootstraps_read(json_object_get(policy, "bootstrap"), setup);
}
