// SPDX-License-Identifier: GPL-2.0-or-later
/* Another router in front of this one: what it has to do for us, and what is known of it. */
#include <netinet/in.h>
#include <string.h>

#include "feature.h"
#include "fetch.h"
#include "findings.h"
#include "protocol.h"
#include "unconst.h"

/* What the daemon that runs here knows; it may have another configuration. NULL: nothing. Released by the caller. */
static json_t *known_fetch(const struct check *check)
{
	struct question question = {
		.attach = -1, .may_be_absent = true, .is_silent = true, .timeout_ms = 2000};
	struct fetched fetched;
	json_t *upstream;

	control_request_init(&question.request, CONTROL_STATUS);
	fetched = fetch_json(check->invocation, &question);
	upstream = json_incref(json_object_get(fetched.json, "upstream"));
	json_decref(fetched.json);
	return upstream;
}

static const json_t *rule_find(const json_t *rules, const json_t *like)
{
	static const char *const keys[] = {"protocol", "external_first", "external_last",
					   "address"};
	const json_t *rule;
	size_t index;

	json_array_foreach (rules, index, rule) {
		bool is_same = true;

		for (size_t i = 0; i < ARRAY_SIZE(keys); i++)
			is_same = is_same && json_equal(json_object_get(rule, keys[i]),
							json_object_get(like, keys[i]));
		if (is_same)
			return rule;
	}
	return NULL;
}

static const char *why_not_asked(const struct check *check)
{
	if (check->candidate->conf->map_upstream == CONF_MAP_OFF)
		return "wan.map-upstream: off";
	return feature_is_built(FEATURE_PORTMAP) ? "not asked: no hairpind runs with it"
						 : feature_lacks(FEATURE_PORTMAP);
}

static json_t *rule_make(const struct check *check, const struct plan_service *service,
			 const struct plan_forward *forward)
{
	const struct ip_addr *own = plan_wan_primary(check->candidate->plan);
	char text[IP_TEXT_MAX];

	return json_pack("{s:s, s:s, s:i, s:i, s:s?, s:i, s:i, s:s, s:n, s:s}", "service",
			 service->name, "protocol", forward->proto == IPPROTO_TCP ? "tcp" : "udp",
			 "external_first", forward->external_first, "external_last",
			 forward->external_last, "address", own ? ip_addr_format(own, text) : NULL,
			 "port_first", forward->external_first, "port_last", forward->external_last,
			 "state", "by-hand", "by", "why", why_not_asked(check));
}

/* The forwards of the configuration that is checked, each with what is known of it. */
static json_t *rules_make(const struct check *check, const json_t *known)
{
	const struct plan *plan = check->candidate->plan;
	json_t *rules = json_array();

	for (size_t i = 0; i < plan->n_services; i++) {
		const struct plan_service *service = &plan->services[i];

		for (size_t k = 0;
		     (service->has_host || service->is_self) && k < service->n_forwards; k++) {
			json_t *rule = rule_make(check, service, &service->forwards[k]);
			const json_t *row = rule_find(known, rule);

			if (row)
				json_object_update(rule, unconst(row));
			json_array_append_new(rules, rule);
		}
	}
	return rules;
}

static void check_forwards(struct check *check, const char *router)
{
	const json_t *rule;
	size_t index, by_hand = 0, refused = 0;

	json_array_foreach (check->upstream, index, rule) {
		by_hand += !strcmp(render_text(rule, "state"), "by-hand");
		refused += !strcmp(render_text(rule, "state"), "refused");
	}
	if (refused)
		check_find(
			check, "upstream-forward",
			"enter the forwards of the table below in that router, or free the ports there",
			"the router upstream (%s) refuses %zu of the forwards", router, refused);
	if (by_hand)
		check_note(
			check, "upstream-forward",
			"the router upstream (%s) has to forward what the table below says; whether it "
			"does cannot be seen from here",
			router);
}

static void check_outgoing(struct check *check)
{
	if (check->candidate->plan->role != CONF_ROLE_BYPASS)
		return;
	if (check->candidate->conf->outgoing == CONF_OUTGOING_ROUTE)
		check_note(
			check, "outgoing",
			"nat.outgoing: route: hosts go out with their own addresses; the main router has to "
			"translate them, and to have a route to each network of theirs that is not its own, by "
			"this machine; its answers to hosts of its own network do not come by here");
	else
		check_note(
			check, "outgoing",
			"nat.outgoing: masquerade: hosts go out with the address of this machine; nothing is "
			"asked of the main router, whose counters and rules for single hosts see one host");
}

const struct ip_addr *check_public_addr(const struct check *check)
{
	/* The daemon's plan has what it was told of another router; this one was made without. */
	return check->has_public ? &check->public_addr : plan_public(check->candidate->plan);
}

static void check_public(struct check *check, const json_t *upstream)
{
	const json_t *seen = json_object_get(upstream, "public");
	const char *nat = render_text(seen, "nat");

	if (!strcmp(nat, "proved") || !strcmp(nat, "likely"))
		check_find(
			check, "nat-in-front",
			"ask the provider for a public address, or have that NAT forward to your router; inside, a "
			"VPN or tunnel, and IPv6 pinholes (host6) work all the same",
			"%s", render_text(seen, "nat_text"));
	if (*render_text(seen, "disagreement"))
		check_find(check, "public-address",
			   "set wan.public-address, or correct the one that is wrong", "%s",
			   render_text(seen, "disagreement"));
	check->has_public = check->candidate->plan->has_public ||
			    !ip_addr_parse(render_text(seen, "address"), &check->public_addr);
	if (check->candidate->plan->has_public)
		check->public_addr = check->candidate->plan->public;
	if (!check->has_public && json_is_object(seen))
		check_find(
			check, "public-address", "set wan.public-address",
			"nobody says which public address this network has: neither the router upstream "
			"nor STUN nor the names of the services");
}

/* Of a gateway, that is worth to be known until all is said to be well. */
static void check_second_router(struct check *check)
{
	const struct plan *plan = check->candidate->plan;
	size_t index, open = 0;
	const json_t *rule;
	char text[IP_TEXT_MAX];

	json_array_foreach (check->upstream, index, rule)
		open += strcmp(render_text(rule, "state"), "mapped") != 0;
	if (plan->role != CONF_ROLE_GATEWAY || (check->has_public && !open))
		return;
	check_find(check, "second-router",
		   "forward the ports on that router to this address, or give it its bridge mode",
		   "the WAN address %s is private: another router (or the provider's NAT) stands "
		   "between this one and the internet",
		   ip_addr_format(plan_wan_primary(plan), text));
}

void check_upstream(struct check *check, bool on_machine)
{
	const struct plan *plan = check->candidate->plan;
	json_t *upstream;
	const char *router;

	if (!plan_is_behind(plan))
		return;
	upstream = on_machine ? known_fetch(check) : NULL;
	router = *render_text(upstream, "router") ? render_text(upstream, "router")
						  : "its default gateway";
	check->upstream = rules_make(check, json_object_get(upstream, "rules"));
	check_public(check, upstream);
	check_second_router(check);
	check_forwards(check, router);
	check_outgoing(check);
	json_decref(upstream);
}
