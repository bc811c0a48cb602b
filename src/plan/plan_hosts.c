// SPDX-License-Identifier: GPL-2.0-or-later
/* The services: which segment each host is on, and hosts that cannot be right on this network. */
#include <stdlib.h>
#include <string.h>

#include "draft.h"

/* Networks that a message about a host lists at most. */
#define NETS_IN_MESSAGE 4

/* The last address of an IPv4 network. */
static struct ip_addr net_broadcast(const struct ip_net *net)
{
	struct ip_addr last = net->addr;

	for (unsigned int bit = 96u + net->length; bit < 128; bit++)
		last.b[bit / 8] |= (__u8)(0x80 >> bit % 8);
	return last;
}

/* What @addr is in its own network if no host can have it, else NULL. */
static const char *addr_reserved_name(const struct ip_net *net, const struct ip_addr *addr)
{
	bool v4 = ip_addr_is_v4(addr);
	struct ip_addr last;

	/* RFC 3021 and RFC 6164: a link of two has neither of them. */
	if (net->length >= (v4 ? 31 : 127))
		return NULL;
	if (ip_addr_equal(addr, &net->addr))
		return v4 ? "network" : "subnet-router anycast";
	if (!v4)
		return NULL;
	last = net_broadcast(net);
	return ip_addr_equal(addr, &last) ? "broadcast" : NULL;
}

/*
 * Every LAN is there with an IPv4 address: a host that none of them has is not one that will turn
 * up.
 */
static bool lans_are_complete(const struct draft *draft)
{
	for (size_t i = 0; i < draft->conf->n_lan; i++)
		if (!link_primary_v4(draft->lan[i]))
			return false;
	return true;
}

static void nets_list(const struct draft *draft, struct strbuf *out)
{
	unsigned int listed = 0;
	char text[IP_TEXT_MAX];

	for (size_t i = 0; i < draft->n_nets && listed < NETS_IN_MESSAGE; i++) {
		const struct draft_net *net = &draft->nets[i];

		if (!ip_addr_is_v4(&net->net.addr))
			continue;
		strbuf_add(out, "%s%s (%s)", listed++ ? ", " : "", ip_net_format(&net->net, text),
			   draft->conf->lan[net->lan].interface);
	}
}

/*
 * Whether that is a fault: only IPv4 makes it one. IPv6 prefixes are the provider's: a renumbering that leaves a host6
 * behind must not stop the plan that follows the new address.
 */
static bool host_is_nowhere(struct draft *draft, const struct draft_place *place,
			    const struct spot *spot, bool v4)
{
	_strbuf_ struct strbuf nets = {0};

	if (!v4 || !lans_are_complete(draft)) {
		strbuf_add(&draft->plan->waits, "%s%s: no LAN has the network of %s\n",
			   place->owner, place->name, spot->word);
		return false;
	}
	nets_list(draft, &nets);
	report_add(&draft->report, *spot,
		   "outside every LAN; an address in one of their networks: %s",
		   strbuf_text(&nets));
	return true;
}

const struct draft_net *draft_host_find(struct draft *draft, const struct ip_addr *addr,
					const struct draft_place *place, bool *ret_fault)
{
	const struct draft_net *net = draft_net_find(draft, addr);
	char text[IP_TEXT_MAX], net_text[IP_TEXT_MAX];
	struct spot spot = {place->line, place->key, ip_addr_format(addr, text)};
	const char *reserved;

	if (facts_has_own(draft->facts, addr)) {
		report_add(&draft->report, spot,
			   "the gateway itself; a host behind a LAN, or `self` in a service");
		*ret_fault = true;
		return NULL;
	}
	if (!net) {
		*ret_fault = host_is_nowhere(draft, place, &spot, ip_addr_is_v4(addr));
		return NULL;
	}
	reserved = addr_reserved_name(&net->net, addr);
	*ret_fault = reserved;
	if (!reserved)
		return net;
	report_add(&draft->report, spot, "the %s address of %s, which is no host's; another one",
		   reserved, ip_net_format(&net->net, net_text));
	return NULL;
}

/*
 * Our address that a host sees as its neighbour: the one in its own prefix, else the link's
 * primary.
 */
static __be32 gateway_for(const struct fact_link *link, const struct ip_addr *host)
{
	for (size_t i = 0; link && i < link->n_addrs; i++) {
		struct ip_net net = fact_addr_net(&link->addrs[i]);

		if (link->addrs[i].permanent && ip_net_contains(&net, host))
			return ip_addr_v4(&link->addrs[i].addr);
	}
	return link_primary_v4(link);
}

static void service_locate(struct draft *draft, const struct conf_service *conf,
			   struct plan_service *service, struct draft_service *common)
{
	struct draft_place place = {conf->host_line, "host", "service ", conf->name};
	struct draft_place place6 = {conf->host6_line, "host6", "service ", conf->name};
	const struct draft_net *net = NULL, *net6 = NULL;

	/* Whose packets are not ours may be anywhere: on this machine, behind a router of the LAN. */
	if (draft->conf->role == CONF_ROLE_RESOLVER)
		return;
	if (conf->has_host)
		net = draft_host_find(draft, &conf->host, &place, &common->no_host);
	if (conf->has_host6)
		net6 = draft_host_find(draft, &conf->host6, &place6, &common->no_host6);
	service->left_out = common->no_host || common->no_host6;
	if (net)
		common->gateway = gateway_for(draft->lan[net->lan], &conf->host);
	if (!net)
		net = net6;
	if (net)
		strcpy(service->segment, draft->conf->lan[net->lan].interface);
}

/*
 * Whether a server's answers to the outside come by us decides what it may see: an address that is not ours it answers by its default gateway.
 * Only role bypass has to ask: a gateway is that of its LANs.
 */
static void service_settle(const struct draft *draft, const struct conf_service *conf,
			   struct plan_service *service)
{
	const struct facts *facts = draft->facts;

	if (draft->conf->role != CONF_ROLE_BYPASS || !conf->has_host)
		return;
	service->answers_by_us = conf->outside_source == CONF_OUTSIDE_CLIENT ||
				 facts_holds(facts->answering, facts->n_answering, &conf->host);
	service->outside_gateway =
		conf->outside_source == CONF_OUTSIDE_GATEWAY ||
		(conf->outside_source == CONF_OUTSIDE_AUTO && !service->answers_by_us);
	if (!service->answers_by_us)
		service->hairpin_source = HP_HAIRPIN_GATEWAY;
}

static bool service_copy(const struct conf *nat, const struct conf_service *conf,
			 struct plan_service *service)
{
	strcpy(service->name, conf->name);
	service->host = conf->host;
	service->host6 = conf->host6;
	service->has_host = conf->has_host;
	service->has_host6 = conf->has_host6;
	service->is_self = conf->is_self;
	service->hairpin_source =
		conf->has_hairpin_source ? conf->hairpin_source : nat->hairpin_source;

	service->domains = calloc(conf->n_domains + 1, sizeof(*service->domains));
	service->forwards = calloc(conf->n_ports + 1, sizeof(*service->forwards));
	if (!service->domains || !service->forwards)
		return false;
	for (size_t i = 0; i < conf->n_domains; i++) {
		service->domains[i] = strdup(conf->domains[i]);
		if (!service->domains[i])
			return false;
		service->n_domains++;
	}
	for (size_t i = 0; i < conf->n_ports; i++)
		service->forwards[i] = (struct plan_forward){
			.proto = conf->ports[i].proto,
			.external_first = conf->ports[i].external_first,
			.external_last = conf->ports[i].external_last,
			.internal_first = conf->ports[i].internal_first,
		};
	service->n_forwards = conf->n_ports;
	return true;
}

void draft_services(struct draft *draft)
{
	const struct conf *conf = draft->conf;
	struct plan *plan = draft->plan;
	__u32 sets = 0;

	plan->services = calloc(conf->n_services + 1, sizeof(*plan->services));
	draft->services = calloc(conf->n_services + 1, sizeof(*draft->services));
	if (!plan->services || !draft->services) {
		draft->no_memory = true;
		return;
	}
	plan->n_services = conf->n_services;
	for (size_t i = 0; i < conf->n_services; i++) {
		if (!service_copy(conf, &conf->services[i], &plan->services[i])) {
			draft->no_memory = true;
			return;
		}
		service_settle(draft, &conf->services[i], &plan->services[i]);
		service_locate(draft, &conf->services[i], &plan->services[i], &draft->services[i]);
		if (conf->services[i].n_allow)
			draft->services[i].allow = ++sets;
	}
}
