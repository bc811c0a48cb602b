// SPDX-License-Identifier: GPL-2.0-or-later
/* The interfaces: what is there, what is waited for, and which ones this version cannot use. */
#include <string.h>

#include "addr_class.h"
#include "draft.h"

bool addr_is_link_local(const struct ip_addr *addr)
{
	if (ip_addr_is_v4(addr))
		return addr->b[12] == 169 && addr->b[13] == 254;
	return addr->b[0] == 0xfe && (addr->b[1] & 0xc0) == 0x80;
}

__be32 link_primary_v4(const struct fact_link *link)
{
	for (size_t i = 0; link && i < link->n_addrs; i++) {
		const struct fact_addr *addr = &link->addrs[i];

		if (ip_addr_is_v4(&addr->addr) && addr->permanent &&
		    !addr_is_link_local(&addr->addr))
			return ip_addr_v4(&addr->addr);
	}
	return 0;
}

static bool link_has_address(const struct fact_link *link)
{
	for (size_t i = 0; i < link->n_addrs; i++)
		if (!addr_is_link_local(&link->addrs[i].addr))
			return true;
	return false;
}

/* A filter on a bridge port would see frames that the bridge then delivers a second time. */
static void link_refuse_port(struct draft *draft, unsigned int line, const struct fact_link *link)
{
	struct spot spot = {line, "interface", link->name};

	if (link->master_name[0])
		report_add(&draft->report, spot, "a port of %s; name %s instead, or take it out",
			   link->master_name, link->master_name);
	else
		report_add(&draft->report, spot,
			   "a port of the interface with index %u; name that one instead, or take "
			   "it out",
			   link->master);
}

/* The link of that name if it exists and can be used; faults and waits of it are written down. */
static const struct fact_link *link_use(struct draft *draft, const char *role, const char *name,
					unsigned int line)
{
	const struct fact_link *link = facts_link(draft->facts, name);
	struct strbuf *waits = &draft->plan->waits;
	bool fault;

	if (!link || !link->ifindex) {
		strbuf_add(waits, "%s %s: does not exist\n", role, name);
		return NULL;
	}
	fault = link->master || !(link->ethernet || link->layer3);
	if (link->master)
		link_refuse_port(draft, line, link);
	if (!link->ethernet && !link->layer3)
		report_add(
			&draft->report, (struct spot){line, "interface", name},
			"has a link header that is not Ethernet's; take an Ethernet, PPP or tunnel interface");
	if (!link->up)
		strbuf_add(waits, "%s %s: is down\n", role, name);
	else if (!link->running)
		strbuf_add(waits, "%s %s: has no carrier\n", role, name);
	return fault && draft->following ? NULL : link;
}

static void device_add(struct draft *draft, size_t *room, const struct plan_device *device)
{
	struct plan *plan = draft->plan;
	struct plan_device *slot =
		draft_grow(draft, &plan->devices, &plan->n_devices, room, sizeof(*slot));

	if (slot)
		*slot = *device;
}

enum wan_rank {
	WAN_V4,
	WAN_V4_INNER, /* of a modem's network, say: no source for what goes to the internet */
	WAN_V6,
	WAN_V6_INNER,
	WAN_RANKS,
};

static enum wan_rank wan_rank(const struct draft *draft, const struct ip_addr *addr)
{
	if (!ip_addr_is_v4(addr))
		return ip_addr_is_private(addr) ? WAN_V6_INNER : WAN_V6;
	/* On one arm it is our address in the LAN, and a public one beside it is nobody's gateway (unit test plan_bypass). */
	if (draft->conf->role == CONF_ROLE_BYPASS || addr_class_of(addr) == ADDR_PUBLIC)
		return WAN_V4;
	return WAN_V4_INNER;
}

static void wan_addrs_of_rank(struct draft *draft, size_t *room, enum wan_rank rank)
{
	const struct fact_link *wan = draft->wan;
	struct plan *plan = draft->plan;

	for (size_t i = 0; wan && i < wan->n_addrs; i++) {
		const struct ip_addr *addr = &wan->addrs[i].addr;
		struct ip_addr *slot;

		if (!wan->addrs[i].permanent || addr_is_link_local(addr) ||
		    wan_rank(draft, addr) != rank)
			continue;
		slot = draft_grow(draft, &plan->wan_addrs, &plan->n_wan_addrs, room, sizeof(*slot));
		if (slot)
			*slot = *addr;
	}
}

static void draft_wan(struct draft *draft, size_t *room)
{
	const char *name = draft->conf->wan_interface;
	struct plan_device device = {.side = HP_SIDE_WAN};
	size_t addrs_room = 0;

	if (draft->conf->role == CONF_ROLE_RESOLVER)
		return;
	draft->wan = link_use(draft, "wan", name, draft->conf->wan_line);
	if (draft->wan && !link_primary_v4(draft->wan))
		strbuf_add(&draft->plan->waits, "wan %s: has no IPv4 address\n", name);
	strcpy(device.name, name);
	device.ifindex = draft->wan ? draft->wan->ifindex : 0;
	device_add(draft, room, &device);
	for (enum wan_rank rank = 0; rank < WAN_RANKS; rank++)
		wan_addrs_of_rank(draft, &addrs_room, rank);
}

/* Said, or observed; of no use where the machine has it itself, whatever its interface. */
static void draft_public(struct draft *draft)
{
	const struct conf *conf = draft->conf;
	const struct facts *facts = draft->facts;
	const struct ip_addr *addr = facts->n_publics ? &facts->publics[0] : NULL;

	/* What was observed behind another router, which is gone since. */
	if (conf->role == CONF_ROLE_GATEWAY && conf->public == CONF_PUBLIC_AUTO &&
	    plan_wan_public(draft->plan))
		return;
	if (conf->public == CONF_PUBLIC_ADDRESS)
		addr = &conf->public_addr;
	/* What is observed was said by strangers. */
	if (!addr || addr_class_of(addr) != ADDR_PUBLIC || facts_has_own(facts, addr))
		return;
	draft->plan->public = *addr;
	draft->plan->has_public = true;
}

/* Only beside a main router anybody's proxy gets to see answers of connections that it did not begin. */
static __u32 mark_of(const struct conf *conf)
{
	if (conf->mark != CONF_AUTO)
		return conf->mark;
	return conf->role == CONF_ROLE_BYPASS ? MARK_ANSWER : 0;
}

void draft_links(struct draft *draft)
{
	const struct conf *conf = draft->conf;
	size_t room = 0;

	draft_wan(draft, &room);
	if (conf->role != CONF_ROLE_RESOLVER)
		draft_public(draft);
	if (conf->role != CONF_ROLE_RESOLVER)
		draft->plan->mark = mark_of(conf);
	for (size_t i = 0; i < conf->n_lan; i++) {
		const struct conf_lan *lan = &conf->lan[i];
		struct plan_device device = {.side = HP_SIDE_LAN, .isolated = lan->isolate};
		/* What is wrong with the only interface was said of WAN. */
		const struct fact_link *link =
			conf->role == CONF_ROLE_BYPASS
				? draft->wan
				: link_use(draft, "lan", lan->interface, lan->line);

		draft->lan[i] = link;
		if (link && !link_has_address(link))
			strbuf_add(&draft->plan->waits, "lan %s: has no address\n", lan->interface);
		/* Nothing is attached where nothing is routed. */
		if (conf->role == CONF_ROLE_RESOLVER)
			continue;
		strcpy(device.name, lan->interface);
		device.ifindex = link ? link->ifindex : 0;
		device_add(draft, &room, &device);
	}
}
