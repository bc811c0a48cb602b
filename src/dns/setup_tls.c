// SPDX-License-Identifier: GPL-2.0-or-later
#include "setup_tls.h"

#include <errno.h>
#include <stdlib.h>

#include "json_file.h"

int dns_setup_tls_write(const struct plan_dns *dns)
{
	json_t *list = json_array(), *setup;
	int fd;

	for (size_t i = 0; i < dns->n_listeners; i++) {
		char addr[IP_TEXT_MAX], segment[IP_TEXT_MAX];

		json_array_append_new(
			list, json_pack("[s, s, b]", ip_addr_format(&dns->listeners[i].addr, addr),
					ip_net_format(&dns->listeners[i].segment, segment),
					(int)dns->listeners[i].isolated));
	}
	setup = json_pack("{s:s, s:i, s:o}", "name", dns->tls.name, "https", (int)dns->tls.https,
			  "listeners", list);
	fd = dns_json_seal("dns-tls", setup);
	json_decref(setup);
	return fd;
}

static int place_read(const json_t *item, struct dns_designated_place *place)
{
	const char *addr = json_string_value(json_array_get(item, 0));
	const char *segment = json_string_value(json_array_get(item, 1));

	place->is_closed = json_is_true(json_array_get(item, 2));
	return !addr || !segment || ip_addr_parse(addr, &place->addr) ||
			       ip_net_parse(segment, &place->segment)
		       ? -EINVAL
		       : 0;
}

static int setup_read(const json_t *json, struct dns_designated *setup)
{
	const json_t *list = json_object_get(json, "listeners");
	const char *name = json_string_value(json_object_get(json, "name"));

	if (!name || dns_name_parse(name, &setup->name))
		return -EINVAL;
	setup->https = (__u16)json_integer_value(json_object_get(json, "https"));
	setup->places = calloc(json_array_size(list) + 1, sizeof(*setup->places));
	if (!setup->places)
		return -ENOMEM;
	for (size_t i = 0; i < json_array_size(list); i++) {
		if (place_read(json_array_get(list, i), &setup->places[setup->n_places++]))
			return -EINVAL;
	}
	return 0;
}

int dns_setup_tls_read(int fd, struct dns_designated *ret_setup)
{
	struct dns_designated setup = {0};
	json_t *json = dns_json_load(fd);
	int ret = json ? setup_read(json, &setup) : -EINVAL;

	json_decref(json);
	if (ret)
		dns_designated_fini(&setup);
	else
		*ret_setup = setup;
	return ret;
}
