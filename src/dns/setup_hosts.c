// SPDX-License-Identifier: GPL-2.0-or-later
#include "setup_hosts.h"

#include <errno.h>
#include <stdlib.h>

static json_t *hosts_write(const struct plan_dns *dns)
{
	json_t *list = json_array();
	char text[IP_TEXT_MAX];

	for (size_t i = 0; i < dns->n_hosts; i++)
		json_array_append_new(list, json_pack("[s, s, b]", dns->hosts[i].name,
						      ip_addr_format(&dns->hosts[i].addr, text),
						      (int)dns->hosts[i].is_reverse_only));
	return list;
}

json_t *dns_setup_hosts_write(const struct plan_dns *dns)
{
	json_t *domains = json_array(), *networks = json_array();
	char text[IP_TEXT_MAX];

	for (size_t i = 0; i < dns->n_local_domains; i++)
		json_array_append_new(domains, json_string(dns->local_domains[i]));
	for (size_t i = 0; i < dns->n_networks; i++)
		json_array_append_new(networks,
				      json_string(ip_net_format(&dns->networks[i], text)));
	return json_pack("{s:o, s:o, s:o}", "hosts", hosts_write(dns), "domains", domains,
			 "networks", networks);
}

int dns_setup_hosts_read(const json_t *json, struct dns_setup_hosts *hosts)
{
	const json_t *domains = json_object_get(json, "domains");
	const json_t *networks = json_object_get(json, "networks");
	int ret =
		dns_hosts_from_json(json_object_get(json, "hosts"), &hosts->hosts, &hosts->n_hosts);

	if (ret)
		return ret;
	hosts->domains = calloc(json_array_size(domains) + 1, sizeof(*hosts->domains));
	hosts->networks = calloc(json_array_size(networks) + 1, sizeof(*hosts->networks));
	if (!hosts->domains || !hosts->networks)
		return -ENOMEM;
	for (size_t i = 0; i < json_array_size(domains); i++) {
		const char *text = json_string_value(json_array_get(domains, i));

		if (!text || dns_name_parse(text, &hosts->domains[hosts->n_domains++]))
			return -EINVAL;
	}
	for (size_t i = 0; i < json_array_size(networks); i++) {
		const char *text = json_string_value(json_array_get(networks, i));

		if (!text || ip_net_parse(text, &hosts->networks[hosts->n_networks++]))
			return -EINVAL;
	}
	return 0;
}

void dns_setup_hosts_fini(struct dns_setup_hosts *hosts)
{
	free(hosts->hosts);
	free(hosts->domains);
	free(hosts->networks);
	*hosts = (struct dns_setup_hosts){0};
}
