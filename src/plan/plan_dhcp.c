// SPDX-License-Identifier: GPL-2.0-or-later
/* Which segments get leases, and what their hosts are told. */
#include "plan_dhcp.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "draft.h"

/* One item of `dhcp`, worked on. */
struct lessor {
	struct draft *draft;
	const struct conf_dhcp *conf;
	const struct fact_link *link;
	struct plan_segment *segment;
	size_t index; /* in conf->dhcp */
	bool fault;
};

static void refuse(struct lessor *lessor, struct spot spot, const char *why, const char *more)
{
	report_add(&lessor->draft->report, spot, "%s%s", why, more);
	lessor->fault = true;
}

/* Room for @n of @size, which is not there: NULL with `no_memory` set. */
static void *room_for(struct draft *draft, size_t n, size_t size)
{
	void *room = calloc(n ? n : 1, size);

	if (!room)
		draft->no_memory = true;
	return room;
}

/* --- where ----------------------------------------------------------------------------------- */

static const struct fact_link *link_of(const struct draft *draft, const struct conf_dhcp *dhcp)
{
	for (size_t i = 0; i < draft->conf->n_lan; i++) {
		if (!strcmp(draft->conf->lan[i].interface, dhcp->interface))
			return draft->lan[i];
	}
	return NULL;
}

/* Our address on @link in whose network @addr is; a lasting one before others. */
static const struct fact_addr *own_addr_for(const struct fact_link *link,
					    const struct ip_addr *addr)
{
	const struct fact_addr *found = NULL;

	for (size_t i = 0; i < link->n_addrs; i++) {
		const struct fact_addr *own = &link->addrs[i];
		struct ip_net net = fact_addr_net(own);

		if (!ip_addr_is_v4(&own->addr) || net.length > 30 || !ip_net_contains(&net, addr))
			continue;
		if (!found || (own->permanent && !found->permanent))
			found = own;
	}
	return found;
}

static bool has_v4(const struct fact_link *link)
{
	for (size_t i = 0; i < link->n_addrs; i++) {
		if (ip_addr_is_v4(&link->addrs[i].addr) &&
		    !addr_is_link_local(&link->addrs[i].addr))
			return true;
	}
	return false;
}

static bool is_own(const struct fact_link *link, const struct ip_addr *addr)
{
	for (size_t i = 0; i < link->n_addrs; i++) {
		if (ip_addr_equal(&link->addrs[i].addr, addr))
			return true;
	}
	return false;
}

/* @addr of @spot has to be a host's in the segment's network. */
static bool check_inside(struct lessor *lessor, const struct ip_addr *addr, struct spot spot)
{
	const struct ip_net *net = &lessor->segment->net;
	char text[IP_TEXT_MAX];

	if (!ip_net_contains(net, addr))
		refuse(lessor, spot, "another network than the range's; an address in ",
		       ip_net_format(net, text));
	else if (conf_is_edge(net, addr))
		refuse(lessor, spot,
		       "is no host's, as first or last address of its network; another one", "");
	else
		return true;
	return false;
}

static void check_own(struct lessor *lessor)
{
	const struct plan_segment *segment = lessor->segment;
	char text[IP_TEXT_MAX];

	for (size_t i = 0; i < lessor->link->n_addrs; i++) {
		const struct ip_addr *own = &lessor->link->addrs[i].addr;

		if (ip_addr_is_v4(own) && ip_addr_compare(own, &segment->first) >= 0 &&
		    ip_addr_compare(own, &segment->last) <= 0)
			refuse(lessor,
			       (struct spot){lessor->conf->range_line, "range",
					     ip_addr_format(own, text)},
			       "the gateway's own address, which a host would get; a range without it",
			       "");
	}
}

/* False: nothing can be leased there now. */
static bool place(struct lessor *lessor)
{
	const struct conf_dhcp *conf = lessor->conf;
	struct plan_segment *segment = lessor->segment;
	const struct fact_addr *own = own_addr_for(lessor->link, &conf->first);
	char text[IP_TEXT_MAX];
	struct spot spot = {conf->range_line, "range", ip_addr_format(&conf->first, text)};

	if (!lessor->link->ethernet) {
		refuse(lessor, (struct spot){conf->line, "interface", conf->interface},
		       "has no Ethernet header, which DHCP needs; another one", "");
		return false;
	}
	if (!own && !has_v4(lessor->link)) {
		strbuf_add(&lessor->draft->plan->waits, "dhcp %s: has no IPv4 address\n",
			   conf->interface);
		return false;
	}
	if (!own) {
		refuse(lessor, spot, "in no network of the gateway on ", conf->interface);
		return false;
	}
	strcpy(segment->interface, conf->interface);
	segment->ifindex = lessor->link->ifindex;
	memcpy(segment->mac, lessor->link->mac, sizeof(segment->mac));
	segment->net = fact_addr_net(own);
	segment->own = own->addr;
	segment->first = conf->first;
	segment->last = conf->last;
	segment->lease_s = conf->lease_s;
	segment->gateway = conf->has_gateway ? conf->gateway : own->addr;
	if (check_inside(lessor, &conf->first, spot)) {
		spot.word = ip_addr_format(&conf->last, text);
		check_inside(lessor, &conf->last, spot);
	}
	check_own(lessor);
	if (conf->has_gateway)
		check_inside(lessor, &conf->gateway,
			     (struct spot){conf->gateway_line, "gateway",
					   ip_addr_format(&conf->gateway, text)});
	return !lessor->fault;
}

/* --- what they are told ------------------------------------------------------------------------ */

/*
 * Where our server answers hosts of the segment over one family: on its address in their network, else on one of that interface, else on
 * any. Never a link-local one, which some hosts cannot ask. Unique local addresses first, as they outlive the prefix of a provider.
 */
static const struct ip_addr *own_server(const struct lessor *lessor, bool v4)
{
	const struct plan_dns *dns = &lessor->draft->plan->dns;
	const struct ip_addr *best = NULL;
	unsigned int best_rank = 0;

	for (size_t i = 0; i < dns->n_listeners; i++) {
		const struct plan_listener *listener = &dns->listeners[i];
		unsigned int rank = 1;

		if (ip_addr_is_v4(&listener->addr) != v4 || addr_is_link_local(&listener->addr))
			continue;
		if (!strcmp(listener->interface, lessor->segment->interface))
			rank += 4;
		if (v4 ? ip_addr_equal(&listener->addr, &lessor->segment->own)
		       : ip_addr_is_private(&listener->addr))
			rank += 2;
		if (rank > best_rank) {
			best = &listener->addr;
			best_rank = rank;
		}
	}
	return best;
}

/* Ours, then what the configuration has of that family. */
static struct ip_addr *servers(const struct lessor *lessor, bool v4, size_t *ret_n, bool *ret_own)
{
	const struct conf_dhcp *conf = lessor->conf;
	const struct ip_addr *own = own_server(lessor, v4);
	struct ip_addr *list = room_for(lessor->draft, conf->n_dns + 1, sizeof(*list));
	size_t n = 0;

	if (!list)
		return NULL;
	if (own)
		list[n++] = *own;
	for (size_t i = 0; i < conf->n_dns; i++) {
		if (ip_addr_is_v4(&conf->dns[i]) == v4 &&
		    !(own && ip_addr_equal(own, &conf->dns[i])))
			list[n++] = conf->dns[i];
	}
	*ret_n = n;
	*ret_own = own != NULL;
	return list;
}

/* A host makes itself an address of 64 bits of prefix only (RFC 4862 section 5.5.3); one that is not there to stay is nobody's to rely on. */
static bool is_prefix6(const struct fact_addr *addr)
{
	return !ip_addr_is_v4(&addr->addr) && !addr_is_link_local(&addr->addr) &&
	       addr->length == 64 && addr->permanent;
}

static bool has_prefix6(const struct fact_link *link, bool global)
{
	for (size_t i = 0; i < link->n_addrs; i++) {
		const struct fact_addr *addr = &link->addrs[i];

		if (is_prefix6(addr) && !(global && ip_addr_is_private(&addr->addr)))
			return true;
	}
	return false;
}

static bool is_told_by_ra(const struct conf *conf, size_t lan)
{
	for (size_t i = 0; i < conf->n_dhcp; i++) {
		if (!strcmp(conf->dhcp[i].interface, conf->lan[lan].interface))
			return conf->dhcp[i].ra == CONF_RA_AUTO;
	}
	return false;
}

const struct fact_addr *draft_ra_server(const struct draft *draft, size_t lan)
{
	const struct fact_link *link = draft->lan[lan];
	const struct fact_addr *found = NULL;

	for (size_t i = 0; link && is_told_by_ra(draft->conf, lan) && i < link->n_addrs; i++) {
		const struct fact_addr *addr = &link->addrs[i];

		if (is_prefix6(addr) && (!found || (ip_addr_is_private(&addr->addr) &&
						    !ip_addr_is_private(&found->addr))))
			found = addr;
	}
	return found;
}

static void copy_options(const struct lessor *lessor)
{
	const struct conf_dhcp *conf = lessor->conf;
	struct plan_segment *segment = lessor->segment;

	segment->options = room_for(lessor->draft, conf->n_options, sizeof(*segment->options));
	for (size_t i = 0; segment->options && i < conf->n_options; i++) {
		const struct conf_option *from = &conf->options[i];
		struct plan_dhcp_option *to = &segment->options[segment->n_options++];

		to->code = from->code;
		to->is_addrs = from->form == CONF_OPTION_IPS;
		to->octets = room_for(lessor->draft, from->n_octets, 1);
		if (to->octets)
			memcpy(to->octets, from->octets, from->n_octets);
		to->n_octets = to->octets ? from->n_octets : 0;
	}
}

static void tell(struct lessor *lessor)
{
	struct plan_segment *segment = lessor->segment;

	segment->dns = servers(lessor, true, &segment->n_dns, &segment->has_own_dns);
	segment->dns6 = servers(lessor, false, &segment->n_dns6, &segment->has_own_dns6);
	segment->domain = strdup(lessor->conf->domain);
	if (!segment->domain)
		lessor->draft->no_memory = true;
	segment->ra = lessor->conf->ra == CONF_RA_AUTO && has_prefix6(lessor->link, false);
	segment->is_router6 = segment->ra && has_prefix6(lessor->link, true);
	copy_options(lessor);
}

/* --- reservations ------------------------------------------------------------------------------ */

/* One that was added at run time has no segment but by its address. */
static bool is_meant(const struct lessor *lessor, const struct conf_reservation *reservation)
{
	if (reservation->dhcp == CONF_ANY_DHCP)
		return ip_net_contains(&lessor->segment->net, &reservation->address);
	return reservation->dhcp == lessor->index;
}

/* A fault of one leaves the others, and the segment, as they are. */
static bool is_right(struct lessor *lessor, const struct conf_reservation *reservation)
{
	char text[IP_TEXT_MAX];
	struct spot spot = {reservation->address_line, "address",
			    ip_addr_format(&reservation->address, text)};
	bool before = lessor->fault, right = check_inside(lessor, &reservation->address, spot);

	if (right && is_own(lessor->link, &reservation->address)) {
		refuse(lessor, spot, "the gateway's own address; another one", "");
		right = false;
	}
	lessor->fault = before;
	return right;
}

static void reserve(struct lessor *lessor)
{
	const struct conf *conf = lessor->draft->conf;
	struct plan_segment *segment = lessor->segment;

	segment->reservations =
		room_for(lessor->draft, conf->n_reservations, sizeof(*segment->reservations));
	for (size_t i = 0; segment->reservations && i < conf->n_reservations; i++) {
		const struct conf_reservation *from = &conf->reservations[i];
		struct plan_reservation *to;

		if (!is_meant(lessor, from) || !is_right(lessor, from))
			continue;
		to = &segment->reservations[segment->n_reservations++];
		memcpy(to->mac, from->mac, sizeof(to->mac));
		to->addr = from->address;
		strcpy(to->name, from->name);
	}
}

/* Of those that were added at run time: an address that no segment with a range has now. */
static void draft_homeless(struct draft *draft)
{
	const struct conf *conf = draft->conf;
	char text[IP_TEXT_MAX];

	for (size_t i = 0; i < conf->n_reservations; i++) {
		const struct conf_reservation *one = &conf->reservations[i];

		if (one->dhcp == CONF_ANY_DHCP &&
		    !plan_dhcp_find(&draft->plan->dhcp, &one->address))
			strbuf_add(
				&draft->plan->waits,
				"dhcp: the reservation of %s is in no segment that gets leases now\n",
				ip_addr_format(&one->address, text));
	}
}

/* Names of reservations are the plan's as those of services are: no lease takes them. */
static void name_reservations(struct draft *draft, const struct plan_segment *segment)
{
	struct plan_dns *dns = &draft->plan->dns;
	size_t room = dns->n_hosts;

	for (size_t i = 0; dns->on && i < segment->n_reservations; i++) {
		const struct plan_reservation *one = &segment->reservations[i];
		struct plan_dns_host *slot;

		if (!*one->name)
			continue;
		slot = draft_grow(draft, &dns->hosts, &dns->n_hosts, &room, sizeof(*slot));
		if (!slot)
			return;
		slot->addr = one->addr;
		if (asprintf(&slot->name, "%s.%s", one->name, segment->domain) < 0) {
			slot->name = NULL;
			draft->no_memory = true;
		}
	}
}

static void segment_fini(struct plan_segment *segment)
{
	for (size_t i = 0; i < segment->n_options; i++)
		free(segment->options[i].octets);
	free(segment->options);
	free(segment->reservations);
	free(segment->dns);
	free(segment->dns6);
	free(segment->domain);
}

void draft_dhcp(struct draft *draft)
{
	const struct conf *conf = draft->conf;
	struct plan_dhcp *dhcp = &draft->plan->dhcp;

	dhcp->on = conf->n_dhcp > 0;
	dhcp->segments = room_for(draft, conf->n_dhcp, sizeof(*dhcp->segments));
	for (size_t i = 0; dhcp->segments && i < conf->n_dhcp; i++) {
		struct lessor lessor = {.draft = draft,
					.conf = &conf->dhcp[i],
					.link = link_of(draft, &conf->dhcp[i]),
					.segment = &dhcp->segments[dhcp->n_segments],
					.index = i};

		/* `waits` has a line about it already. */
		if (!lessor.link || !place(&lessor)) {
			memset(lessor.segment, 0, sizeof(*lessor.segment));
			continue;
		}
		tell(&lessor);
		reserve(&lessor);
		name_reservations(draft, lessor.segment);
		dhcp->n_segments++;
	}
	draft_homeless(draft);
}

void plan_dhcp_fini(struct plan_dhcp *dhcp)
{
	for (size_t i = 0; i < dhcp->n_segments; i++)
		segment_fini(&dhcp->segments[i]);
	free(dhcp->segments);
}

const struct plan_segment *plan_dhcp_find(const struct plan_dhcp *dhcp, const struct ip_addr *addr)
{
	for (size_t i = 0; i < dhcp->n_segments; i++) {
		if (ip_net_contains(&dhcp->segments[i].net, addr))
			return &dhcp->segments[i];
	}
	return NULL;
}
