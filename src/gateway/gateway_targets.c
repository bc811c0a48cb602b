// SPDX-License-Identifier: GPL-2.0-or-later
#include "gateway_targets.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <hairpin/limits.h>

static int compare_hosts(const void *a, const void *b)
{
	const struct gateway_target *left = a, *right = b;

	return memcmp(&left->host, &right->host, sizeof(left->host));
}

struct gateway_target *gateway_targets_find(const struct gateway_targets *targets, __be32 host)
{
	const struct gateway_target wanted = {.host = host};

	return targets->n
		       ? bsearch(&wanted, targets->list, targets->n, sizeof(wanted), compare_hosts)
		       : NULL;
}

void gateway_targets_fini(struct gateway_targets *targets)
{
	free(targets->list);
	*targets = (struct gateway_targets){0};
}

static const struct fact_link *link_of(const struct conf *conf, const struct facts *facts)
{
	const struct fact_link *link = facts_link(facts, conf->wan_interface);

	return link && link->ifindex && link->ethernet ? link : NULL;
}

struct gateway_place gateway_place_of(const struct conf *conf, const struct facts *facts)
{
	const struct fact_link *link = link_of(conf, facts);
	struct gateway_place place = {.outside = htonl(GATEWAY_OUTSIDE)};

	if (!link)
		return place;
	place.ifindex = link->ifindex;
	place.running = link->up && link->running;
	memcpy(place.mac, link->mac, sizeof(place.mac));
	return place;
}

/* --- who is asked ------------------------------------------------------------------------------------- */

/* Whether anything becomes another by it: what is said counts, and a loopback that shows our address needs nobody's way back. */
static bool depends(const struct conf *conf, const struct conf_service *service)
{
	enum hp_hairpin_source source =
		service->has_hairpin_source ? service->hairpin_source : conf->hairpin_source;

	if (!service->has_host || service->outside_source == CONF_OUTSIDE_CLIENT)
		return false;
	return service->outside_source == CONF_OUTSIDE_AUTO || source != HP_HAIRPIN_GATEWAY;
}

/* Our address in the network of @host, and with it that this is on the link; else our first one. */
static bool own_find(const struct fact_link *link, const struct ip_addr *host, __be32 *ret_own)
{
	*ret_own = 0;
	for (size_t i = 0; i < link->n_addrs; i++) {
		const struct fact_addr *own = &link->addrs[i];
		struct ip_net net = ip_net_of(&own->addr, own->length);

		if (!own->permanent || !ip_addr_is_v4(&own->addr))
			continue;
		if (!*ret_own)
			*ret_own = ip_addr_v4(&own->addr);
		if (!ip_net_contains(&net, host))
			continue;
		*ret_own = ip_addr_v4(&own->addr);
		return true;
	}
	return false;
}

/* The router in front of a host that is not on the link; the host itself where no route says. */
static __be32 via_find(const struct facts *facts, const struct fact_link *link,
		       const struct ip_addr *host)
{
	const struct fact_route *best = NULL;

	for (size_t i = 0; i < facts->n_routes; i++) {
		const struct fact_route *route = &facts->routes[i];

		if (route->ifindex != link->ifindex || !ip_addr_is_v4(&route->gateway) ||
		    ip_addr_is_zero(&route->gateway) || !ip_net_contains(&route->net, host))
			continue;
		if (!best || route->net.length > best->net.length)
			best = route;
	}
	return ip_addr_v4(best ? &best->gateway : host);
}

static void target_add(struct gateway_targets *next, const struct fact_link *link,
		       const struct facts *facts, const struct ip_addr *host)
{
	struct gateway_target target = {.host = ip_addr_v4(host), .via = ip_addr_v4(host)};

	if (link && !own_find(link, host, &target.own))
		target.via = via_find(facts, link, host);
	next->list[next->n++] = target;
}

/* Several services may be on one host. */
static void doubles_drop(struct gateway_targets *targets)
{
	size_t n = 0;

	qsort(targets->list, targets->n, sizeof(*targets->list), compare_hosts);
	for (size_t i = 0; i < targets->n; i++) {
		if (!n || targets->list[n - 1].host != targets->list[i].host)
			targets->list[n++] = targets->list[i];
	}
	targets->n = n;
}

static void target_begin(struct gateway_target *target, const struct gateway_target *before,
			 __u64 now_ms)
{
	__be32 own = target->own, via = target->via;

	if (before && before->via == via) {
		*target = *before;
		target->own = own;
		return;
	}
	gateway_init(&target->gateway);
	target->since_ms = now_ms;
}

int gateway_targets_set(struct gateway_targets *targets, const struct conf *conf,
			const struct facts *facts, __u64 now_ms)
{
	const struct fact_link *link = link_of(conf, facts);
	struct gateway_targets next = {.list = calloc(conf->n_services + 1, sizeof(*next.list))};

	if (!next.list)
		return -ENOMEM;
	for (size_t i = 0; conf->role == CONF_ROLE_BYPASS && i < conf->n_services; i++) {
		if (depends(conf, &conf->services[i]))
			target_add(&next, link, facts, &conf->services[i].host);
	}
	doubles_drop(&next);
	for (size_t i = 0; i < next.n; i++)
		target_begin(&next.list[i], gateway_targets_find(targets, next.list[i].host),
			     now_ms);
	gateway_targets_fini(targets);
	*targets = next;
	return 0;
}

/* --- where they are ------------------------------------------------------------------------------------- */

static int compare_neighs(const void *a, const void *b)
{
	const struct neigh *left = a, *right = b;

	if (left->ifindex != right->ifindex)
		return left->ifindex < right->ifindex ? -1 : 1;
	return ip_addr_compare(&left->addr, &right->addr);
}

void gateway_targets_resolve(struct gateway_targets *targets, unsigned int ifindex,
			     struct neigh *neighs, size_t n)
{
	static const __u8 none[6];

	if (n)
		qsort(neighs, n, sizeof(*neighs), compare_neighs);
	for (size_t i = 0; i < targets->n; i++) {
		struct gateway_target *target = &targets->list[i];
		const struct neigh wanted = {.addr = ip_addr_from_v4(target->via),
					     .ifindex = ifindex};
		const struct neigh *found =
			n ? bsearch(&wanted, neighs, n, sizeof(wanted), compare_neighs) : NULL;

		target->has_mac = found;
		if (!found)
			continue;
		/* Also after it was away: what comes back may be another machine. */
		target->is_moved = memcmp(target->mac, none, sizeof(none)) &&
				   memcmp(target->mac, found->mac, sizeof(target->mac));
		memcpy(target->mac, found->mac, sizeof(target->mac));
	}
}

/* --- asking and hearing --------------------------------------------------------------------------------- */

int gateway_target_ask(struct gateway_target *target, const struct echo_tap *tap,
		       const struct gateway_place *place)
{
	const struct ip_addr via = ip_addr_from_v4(target->via);
	struct echo ask = {.to = target->host};
	int ret = 0;

	neigh_use(place->ifindex, &via);
	memcpy(target->tokens[1], target->tokens[0], ECHO_TOKEN_BYTES);
	if (!target->has_mac || tap->fd < 0)
		return 0;
	memcpy(ask.from_mac, place->mac, 6);
	memcpy(ask.to_mac, target->mac, 6);
	ret = echo_tap_token(tap, target->tokens[0]);
	memcpy(ask.token, target->tokens[0], ECHO_TOKEN_BYTES);
	for (unsigned int outside = 0; !ret && outside < 2; outside++) {
		ask.from = outside ? place->outside : target->own;
		ret = echo_tap_ask(tap, &ask);
	}
	return ret;
}

static bool is_token(const struct gateway_target *target, const __u8 *token)
{
	return !memcmp(target->tokens[0], token, ECHO_TOKEN_BYTES) ||
	       !memcmp(target->tokens[1], token, ECHO_TOKEN_BYTES);
}

struct gateway_target *gateway_targets_answer(const struct gateway_targets *targets,
					      const struct gateway_place *place,
					      const struct echo *echo)
{
	struct gateway_target *target = gateway_targets_find(targets, echo->from);

	if (!target || !target->has_mac || memcmp(echo->from_mac, target->mac, 6) ||
	    memcmp(echo->to_mac, place->mac, 6) || !is_token(target, echo->token))
		return NULL;
	return echo->to == target->own || echo->to == place->outside ? target : NULL;
}
