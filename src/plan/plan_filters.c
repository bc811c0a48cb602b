// SPDX-License-Identifier: GPL-2.0-or-later
/* Hosts with a filtering of their own, by their services or by nat.hosts. */
#include <netinet/in.h>
#include <string.h>

#include "draft.h"

static void filter_add(struct draft *draft, const struct ip_addr *host, __u8 proto,
		       enum hp_filtering filtering)
{
	struct hp_rule_key key = {.proto = proto, .kind = HP_RULE_FILTER};
	struct hp_rule rule = {.action = HP_ACTION_FILTER, .filtering = (__u8)filtering};

	memcpy(key.addr, host->b, sizeof(key.addr));
	draft_rule_add(draft, &key, &rule);
}

static void filters_of_host(struct draft *draft, const struct ip_addr *host,
			    const struct conf_filtering *filtering)
{
	if (filtering->has_udp)
		filter_add(draft, host, IPPROTO_UDP, filtering->udp);
	if (filtering->has_tcp)
		filter_add(draft, host, IPPROTO_TCP, filtering->tcp);
}

void draft_filters(struct draft *draft)
{
	const struct conf *conf = draft->conf;

	for (size_t i = 0; i < conf->n_services; i++) {
		const struct conf_service *service = &conf->services[i];

		if (service->has_host && !draft->services[i].no_host)
			filters_of_host(draft, &service->host, &service->filtering);
	}
	for (size_t i = 0; i < conf->n_hosts; i++) {
		const struct conf_host *host = &conf->hosts[i];
		struct draft_place place = {host->line, "address", "nat.hosts", ""};
		bool fault;

		draft_host_find(draft, &host->address, &place, &fault);
		if (!fault)
			filters_of_host(draft, &host->address, &host->filtering);
	}
}
