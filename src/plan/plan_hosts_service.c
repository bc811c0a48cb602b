// SPDX-License-Identifier: GPL-2.0-or-later
/* hosts-service: where machines ask for names for their hosts files. */
#include <string.h>

#include "draft.h"

static void listeners_of(struct draft *draft, size_t *room, const struct fact_link *link)
{
	struct plan_hosts *hosts = &draft->plan->hosts;

	for (size_t i = 0; i < link->n_addrs; i++) {
		const struct fact_addr *addr = &link->addrs[i];
		struct plan_hosts_listener *slot;

		if (!ip_addr_is_v4(&addr->addr) || addr_is_link_local(&addr->addr))
			continue;
		if (hosts->n_listeners == LIMIT_HOSTS_LISTENERS) {
			strbuf_add(&draft->plan->waits,
				   "hosts-service: %u addresses of segments are taken, those of %s "
				   "are too many\n",
				   LIMIT_HOSTS_LISTENERS, link->name);
			return;
		}
		slot = draft_grow(draft, &hosts->listeners, &hosts->n_listeners, room,
				  sizeof(*slot));
		if (!slot)
			return;
		slot->addr = addr->addr;
		slot->ifindex = link->ifindex;
		strcpy(slot->interface, link->name);
	}
}

void draft_hosts_service(struct draft *draft)
{
	const struct conf *conf = draft->conf;
	size_t room = 0;

	draft->plan->hosts.on = conf->hosts_service;
	for (size_t i = 0; conf->hosts_service && i < conf->n_lan; i++) {
		/* Of us an isolated one reaches DHCP and DNS, and of the machines that the names are of nothing but what is declared. */
		if (draft->lan[i] && !conf->lan[i].isolate)
			listeners_of(draft, &room, draft->lan[i]);
	}
}

bool plan_hosts_equal(const struct plan_hosts *a, const struct plan_hosts *b)
{
	if (a->on != b->on || a->n_listeners != b->n_listeners)
		return false;
	for (size_t i = 0; i < a->n_listeners; i++) {
		const struct plan_hosts_listener *x = &a->listeners[i], *y = &b->listeners[i];

		if (!ip_addr_equal(&x->addr, &y->addr) || x->ifindex != y->ifindex ||
		    strcmp(x->interface, y->interface))
			return false;
	}
	return true;
}
