// SPDX-License-Identifier: GPL-2.0-or-later
#include "upstream_wanted.h"

#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <linux/rtnetlink.h>
#include <string.h>

/* The gateway of the default route by the WAN interface; of several the one that is used. */
static const struct fact_route *route_find(const struct facts *facts, unsigned int ifindex)
{
	const struct fact_route *best = NULL;

	for (size_t i = 0; i < facts->n_routes; i++) {
		const struct fact_route *route = &facts->routes[i];

		if (route->ifindex != ifindex || route->net.length ||
		    !ip_addr_is_v4(&route->net.addr) || !ip_addr_is_v4(&route->gateway) ||
		    ip_addr_is_zero(&route->gateway) || route->table != RT_TABLE_MAIN)
			continue;
		if (!best || route->metric < best->metric)
			best = route;
	}
	return best;
}

/* With a public address of our own there is nobody in front who translates. */
static bool has_router(const struct candidate *now)
{
	return now->plan->settings.wan_addr && plan_is_behind(now->plan);
}

/*
 * A router tells by the nonce who may renew a mapping or end it. The next process has to be the same one to it, so it is no random number, but nobody else can work
 * it out.
 */
static void nonce_make(const __u8 *key, const struct portmap_wanted *wanted,
		       struct portmap_forward *forward)
{
	__u8 digest[32] = {0};
	struct {
		struct ip_addr router, own;
		__u16 external_port, internal_port;
		__u32 proto;
	} about = {wanted->router, wanted->own, forward->external_port, forward->internal_port,
		   forward->proto};

	gnutls_hmac_fast(GNUTLS_MAC_SHA256, key, UPSTREAM_KEY_BYTES, &about, sizeof(about), digest);
	memcpy(forward->nonce, digest, sizeof(forward->nonce));
}

static bool is_there(const struct portmap_wanted *wanted, __u8 proto, __u16 port)
{
	for (size_t i = 0; i < wanted->n_forwards; i++) {
		if (wanted->forwards[i].proto == proto && wanted->forwards[i].external_port == port)
			return true;
	}
	return false;
}

/* The router sends the port to us as it is; where it goes then is our own rule. */
static size_t forward_add(struct portmap_wanted *wanted, const struct plan_service *service,
			  const struct plan_forward *from, const __u8 *key)
{
	size_t left_out = 0;

	for (unsigned int port = from->external_first; port <= from->external_last; port++) {
		struct portmap_forward forward = {.proto = from->proto,
						  .external_port = (__u16)port,
						  .internal_port = (__u16)port};

		if (is_there(wanted, from->proto, (__u16)port))
			continue;
		if (wanted->n_forwards == LIMIT_UPSTREAM_FORWARDS) {
			left_out++;
			continue;
		}
		memcpy(forward.service, service->name, sizeof(forward.service));
		nonce_make(key, wanted, &forward);
		wanted->forwards[wanted->n_forwards++] = forward;
	}
	return left_out;
}

size_t upstream_wanted_make(const struct candidate *now, const __u8 key[UPSTREAM_KEY_BYTES],
			    struct portmap_wanted *ret_wanted)
{
	struct portmap_wanted *wanted = ret_wanted;
	const struct fact_link *link = facts_link(now->facts, now->conf->wan_interface);
	const struct fact_route *route;
	size_t left_out = 0;

	memset(wanted, 0, sizeof(*wanted));
	if (!has_router(now) || !link || !link->ifindex)
		return 0;
	route = route_find(now->facts, link->ifindex);
	if (!route)
		return 0;
	wanted->asks = true;
	wanted->ifindex = link->ifindex;
	memcpy(wanted->interface, link->name, sizeof(wanted->interface));
	wanted->router = route->gateway;
	wanted->own = ip_addr_from_v4(now->plan->settings.wan_addr);
	for (size_t i = 0; i < now->plan->n_services; i++) {
		const struct plan_service *service = &now->plan->services[i];

		if (now->conf->map_upstream == CONF_MAP_OFF ||
		    !(service->has_host || service->is_self))
			continue;
		for (size_t j = 0; j < service->n_forwards; j++)
			left_out += forward_add(wanted, service, &service->forwards[j], key);
	}
	return left_out;
}
