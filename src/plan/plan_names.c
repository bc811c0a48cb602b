// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Which names are answered inside, and with what. A name is of all services that have it: it has one answer, and whoever follows
 * that must find every forwarded port there.
 */
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "draft.h"
#include "pattern.h"

#define HTTPS_PORT 443

_Static_assert((int)PLAN_MATCH_EXACT == (int)PATTERN_EXACT &&
		       (int)PLAN_MATCH_BELOW == (int)PATTERN_BELOW &&
		       (int)PLAN_MATCH_TREE == (int)PATTERN_TREE,
	       "one number for each");

/* A word that somebody has: dns.rewrites, or a service. */
struct owner {
	struct pattern pattern;
	const struct conf_rewrite *rewrite; /* or NULL, and then */
	size_t service;
};

/* All owners of one word. */
struct group {
	const struct draft *draft;
	const struct owner *owners;
	size_t n;
};

/* dns.rewrites stand before services, so that they are the word's answer. */
static int owner_compare(const void *left, const void *right)
{
	const struct owner *a = left, *b = right;
	int order = strcmp(a->pattern.name, b->pattern.name);

	if (order)
		return order;
	if (a->pattern.match != b->pattern.match)
		return a->pattern.match < b->pattern.match ? -1 : 1;
	if (!a->rewrite != !b->rewrite)
		return a->rewrite ? -1 : 1;
	return (a->service > b->service) - (a->service < b->service);
}

static const struct conf_service *service_of(const struct group *group, size_t i)
{
	return &group->draft->conf->services[group->owners[i].service];
}

/* --- why a name keeps its public address --------------------------------------------------- */

static bool explain_hosts(const struct group *group, struct strbuf *why)
{
	const struct conf_service *v4 = NULL, *v6 = NULL, *first = service_of(group, 0);

	for (size_t i = 0; i < group->n; i++) {
		const struct conf_service *service = service_of(group, i), *other = NULL;

		v4 = !v4 && service->has_host ? service : v4;
		v6 = !v6 && service->has_host6 ? service : v6;
		if (service->is_self != first->is_self)
			other = first;
		else if (service->has_host && !ip_addr_equal(&service->host, &v4->host))
			other = v4;
		else if (service->has_host6 && !ip_addr_equal(&service->host6, &v6->host6))
			other = v6;
		if (!other)
			continue;
		strbuf_add(why, "services %s and %s are on different hosts", other->name,
			   service->name);
		return true;
	}
	return false;
}

static void add_range(struct strbuf *out, unsigned int first, unsigned int last)
{
	strbuf_add(out, "%u", first);
	if (last != first)
		strbuf_add(out, "-%u", last);
}

/* Lists the ports that lead to others. Over IPv6 nothing is translated: there the internal port is what everybody uses. */
static bool explain_ports(const struct group *group, struct strbuf *why)
{
	size_t before = why->length;

	for (size_t i = 0; i < group->n; i++) {
		const struct conf_service *service = service_of(group, i);

		for (size_t k = 0; service->says_host && k < service->n_ports; k++) {
			const struct conf_port *port = &service->ports[k];
			unsigned int size = port->external_last - port->external_first;

			if (port->external_first == port->internal_first)
				continue;
			strbuf_add(why, "%s", why->length > before ? ", " : "");
			add_range(why, port->external_first, port->external_last);
			strbuf_add(why, "/%s goes to ", port->proto == IPPROTO_TCP ? "tcp" : "udp");
			add_range(why, port->internal_first, port->internal_first + size);
		}
	}
	return why->length > before;
}

static bool explain_off(const struct group *group, struct strbuf *why)
{
	for (size_t i = 0; i < group->n; i++) {
		if (service_of(group, i)->rewrite == CONF_REWRITE_OFF) {
			strbuf_add(why, "service %s has `rewrite: off`",
				   service_of(group, i)->name);
			return true;
		}
	}
	return false;
}

/* While following: `waits` says more. */
static bool explain_fault(const struct group *group, struct strbuf *why)
{
	for (size_t i = 0; i < group->n; i++) {
		if (group->draft->plan->services[group->owners[i].service].left_out) {
			strbuf_add(why, "the host of service %s is left out",
				   service_of(group, i)->name);
			return true;
		}
	}
	return false;
}

static bool is_forced(const struct group *group)
{
	for (size_t i = 0; i < group->n; i++) {
		if (service_of(group, i)->rewrite == CONF_REWRITE_ON)
			return true;
	}
	return false;
}

/* --- the name ------------------------------------------------------------------------------ */

/* Whether port 443 of @proto is the host's own, and no other port of it. */
static bool has_https(const struct group *group, __u8 proto)
{
	for (size_t i = 0; i < group->n; i++) {
		const struct conf_service *service = service_of(group, i);

		for (size_t k = 0; k < service->n_ports; k++) {
			const struct conf_port *port = &service->ports[k];
			unsigned int last =
				port->internal_first + (port->external_last - port->external_first);

			if (port->proto == proto && port->internal_first <= HTTPS_PORT &&
			    last >= HTTPS_PORT &&
			    (!service->says_host || port->external_first == port->internal_first))
				return true;
		}
	}
	return false;
}

/* Room for a word of the plan, which owns it; NULL with no_memory set. */
static char *text_copy(struct draft *draft, const char *text)
{
	char *copy = strdup(text);

	if (!copy)
		draft->no_memory = true;
	return copy;
}

struct room {
	size_t names, kept;
};

static struct plan_name *name_add(struct draft *draft, struct room *room, const struct owner *owner)
{
	struct plan_dns *dns = &draft->plan->dns;
	struct plan_name *name =
		draft_grow(draft, &dns->names, &dns->n_names, &room->names, sizeof(*name));

	if (!name)
		return NULL;
	name->domain = text_copy(draft, owner->pattern.name);
	name->match = (enum plan_match)owner->pattern.match;
	return name;
}

static void name_add_addrs(struct draft *draft, struct plan_name *name, const struct ip_addr *addrs,
			   size_t n)
{
	name->addrs = calloc(n + 1, sizeof(*name->addrs));
	if (!name->addrs) {
		draft->no_memory = true;
		return;
	}
	/* An item may have no address, and then no list of them either. */
	if (n)
		memcpy(name->addrs, addrs, n * sizeof(*addrs));
	name->n_addrs = n;
}

static void kept_add(struct draft *draft, struct room *room, const struct owner *owner,
		     const struct strbuf *why)
{
	struct plan_dns *dns = &draft->plan->dns;
	struct plan_kept *kept =
		draft_grow(draft, &dns->kept, &dns->n_kept, &room->kept, sizeof(*kept));

	if (!kept)
		return;
	kept->domain = text_copy(draft, owner->pattern.name);
	kept->match = (enum plan_match)owner->pattern.match;
	kept->why = text_copy(draft, strbuf_text(why));
}

/* What an item of dns.rewrites says beside addresses. */
static void name_add_rest(struct plan_name *name, const struct conf_rewrite *rewrite)
{
	memcpy(name->https, rewrite->https, sizeof(name->https));
	name->n_https = rewrite->n_https;
	memcpy(name->pass, rewrite->pass, sizeof(name->pass));
	name->n_pass = rewrite->n_pass;
}

static void draft_rewrite(struct draft *draft, struct room *room, const struct owner *owner)
{
	const struct conf_rewrite *rewrite = owner->rewrite;
	struct plan_name *name;

	if (rewrite->pass_all) {
		_strbuf_ struct strbuf why = {0};

		strbuf_add(&why, "`pass: all` in dns.rewrites");
		kept_add(draft, room, owner, &why);
		return;
	}
	name = name_add(draft, room, owner);
	if (name)
		name_add_rest(name, rewrite);
	if (name && rewrite->target)
		name->target = text_copy(draft, rewrite->target);
	else if (name)
		name_add_addrs(draft, name, rewrite->addrs, rewrite->n_addrs);
}

/* Addresses of a name: of its hosts, or of the gateway in its segments. */
struct addresses {
	struct ip_addr *at; /* owned */
	size_t n, room;
};

static void addresses_fini(struct addresses *addrs)
{
	free(addrs->at);
}

static void addresses_add(struct draft *draft, struct addresses *addrs, const struct ip_addr *addr)
{
	struct ip_addr *slot =
		draft_grow(draft, &addrs->at, &addrs->n, &addrs->room, sizeof(*slot));

	if (slot)
		*slot = *addr;
}

/* Over IPv6 the one that router advertisements name: others may be gone tomorrow. */
static void addresses_of_lan(struct draft *draft, size_t lan, struct addresses *addrs)
{
	const struct fact_link *link = draft->lan[lan];
	const struct fact_addr *told = link ? draft_ra_server(draft, lan) : NULL;

	for (size_t i = 0; link && i < link->n_addrs; i++) {
		const struct ip_addr *addr = &link->addrs[i].addr;

		if (ip_addr_is_v4(addr) && !addr_is_link_local(addr))
			addresses_add(draft, addrs, addr);
	}
	if (told)
		addresses_add(draft, addrs, &told->addr);
}

/*
 * All of them: whoever asks is given those in their own segment (src/dns/rewrite_answer.c). A resolver may have no `lan`, and is
 * where it is asked.
 */
static void addresses_of_self(struct draft *draft, struct addresses *addrs)
{
	const struct plan_dns *dns = &draft->plan->dns;

	for (size_t i = 0; i < draft->conf->n_lan; i++)
		addresses_of_lan(draft, i, addrs);
	for (size_t i = 0; i < dns->n_listeners && !draft->conf->n_lan; i++)
		addresses_add(draft, addrs, &dns->listeners[i].addr);
}

/* The hosts are one in each family, or the name would not be rewritten. */
static void addresses_of_group(struct draft *draft, const struct group *group,
			       struct addresses *addrs)
{
	const struct conf_service *v4 = NULL, *v6 = NULL;

	for (size_t i = 0; i < group->n; i++) {
		const struct conf_service *service = service_of(group, i);

		v4 = service->has_host ? service : v4;
		v6 = service->has_host6 ? service : v6;
	}
	if (service_of(group, 0)->is_self)
		addresses_of_self(draft, addrs);
	if (v4)
		addresses_add(draft, addrs, &v4->host);
	if (v6)
		addresses_add(draft, addrs, &v6->host6);
}

/* NULL: the name is kept. */
static struct plan_name *draft_service_name(struct draft *draft, struct room *room,
					    const struct group *group)
{
	_strbuf_ struct strbuf why = {0}, broken = {0};
	bool forced = is_forced(group);
	_cleanup_(addresses_fini) struct addresses addrs = {0};
	struct plan_name *name;

	if (explain_off(group, &why) || explain_fault(group, &why) || explain_hosts(group, &why) ||
	    (!forced && explain_ports(group, &why))) {
		kept_add(draft, room, group->owners, &why);
		return NULL;
	}
	addresses_of_group(draft, group, &addrs);
	if (!addrs.n) {
		strbuf_add(&why, "the gateway has no address in a segment now");
		kept_add(draft, room, group->owners, &why);
		return NULL;
	}
	name = name_add(draft, room, group->owners);
	if (!name)
		return NULL;
	name->from_service = true;
	name->has_h3 = has_https(group, IPPROTO_TCP) && has_https(group, IPPROTO_UDP);
	name_add_addrs(draft, name, addrs.at, addrs.n);
	if (explain_ports(group, &broken))
		name->broken = text_copy(draft, strbuf_text(&broken));
	return name;
}

/* All owners of one word. An item without an address adds to what the services answer. */
static void draft_group(struct draft *draft, struct room *room, const struct group *group)
{
	const struct conf_rewrite *rewrite = group->owners->rewrite;
	bool is_answer = rewrite && (rewrite->n_addrs || rewrite->target || rewrite->pass_all);
	const struct group services = {draft, group->owners + !!rewrite, group->n - !!rewrite};
	struct plan_name *name;

	if (is_answer || !services.n) {
		draft_rewrite(draft, room, group->owners);
		return;
	}
	name = draft_service_name(draft, room, &services);
	if (name && rewrite)
		name_add_rest(name, rewrite);
}

static struct owner *owners_of(struct draft *draft, size_t *ret_n)
{
	const struct conf *conf = draft->conf;
	struct owner *owners;
	size_t n = conf->n_rewrites;

	for (size_t i = 0; i < conf->n_services; i++)
		n += conf->services[i].n_domains;
	owners = calloc(n + 1, sizeof(*owners));
	if (!owners) {
		draft->no_memory = true;
		return NULL;
	}
	n = 0;
	for (size_t i = 0; i < conf->n_rewrites; i++)
		owners[n++] = (struct owner){.pattern = pattern_of(conf->rewrites[i].domain),
					     .rewrite = &conf->rewrites[i]};
	for (size_t i = 0; i < conf->n_services; i++) {
		for (size_t k = 0; k < conf->services[i].n_domains; k++)
			owners[n++] = (struct owner){
				.pattern = pattern_of(conf->services[i].domains[k]), .service = i};
	}
	qsort(owners, n, sizeof(*owners), owner_compare);
	*ret_n = n;
	return owners;
}

void draft_names(struct draft *draft)
{
	struct room room = {0};
	size_t n_owners;
	_free_ struct owner *owners = owners_of(draft, &n_owners);
	struct group group;

	for (size_t i = 0; owners && i < n_owners; i += group.n) {
		group = (struct group){draft, &owners[i], 1};
		while (i + group.n < n_owners &&
		       !strcmp(owners[i].pattern.name, owners[i + group.n].pattern.name) &&
		       owners[i].pattern.match == owners[i + group.n].pattern.match)
			group.n++;
		draft_group(draft, &room, &group);
	}
}

void plan_names_fini(struct plan_dns *dns)
{
	for (size_t i = 0; i < dns->n_names; i++) {
		free(dns->names[i].domain);
		free(dns->names[i].addrs);
		free(dns->names[i].target);
		free(dns->names[i].broken);
	}
	for (size_t i = 0; i < dns->n_kept; i++) {
		free(dns->kept[i].domain);
		free(dns->kept[i].why);
	}
	for (size_t i = 0; i < dns->n_private_domains; i++)
		free(dns->private_domains[i]);
	free(dns->private_domains);
	free(dns->names);
	free(dns->kept);
	free(dns->doctor);
	free(dns->doctor_why);
	plan_machines_fini(dns);
	plan_blocking_fini(&dns->blocking);
}
