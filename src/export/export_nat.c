// SPDX-License-Identifier: GPL-2.0-or-later
/* What all that take forwards have in common. */
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include "export_internal.h"

/* Bits of a prefix's key before those of an IPv4 address: its set, and ::ffff:0:0/96. */
#define V4_BITS (32 + 96)

const char *export_proto(__u8 proto)
{
	return proto == IPPROTO_TCP ? "tcp" : "udp";
}

const char *export_ports(__u16 first, __u16 last, char separator, char text[EXPORT_PORTS_MAX])
{
	if (first == last)
		snprintf(text, EXPORT_PORTS_MAX, "%u", first);
	else
		snprintf(text, EXPORT_PORTS_MAX, "%u%c%u", first, separator, last);
	return text;
}

__u16 export_internal_last(const struct plan_forward *forward)
{
	return (__u16)(forward->internal_first +
		       (forward->external_last - forward->external_first));
}

static bool is_lan_v4(const struct plan_prefix *prefix, struct ip_net *ret_net)
{
	struct ip_addr addr;

	memcpy(addr.b, prefix->key.addr, sizeof(addr.b));
	if (prefix->key.set || prefix->prefix.kind != HP_NET_LAN || !ip_addr_is_v4(&addr) ||
	    prefix->key.prefixlen < V4_BITS)
		return false;
	*ret_net = (struct ip_net){.addr = addr, .length = (__u8)(prefix->key.prefixlen - V4_BITS)};
	return true;
}

bool export_lan_next(const struct plan *plan, size_t *at, struct ip_net *ret_net)
{
	while (*at < plan->n_prefixes) {
		if (is_lan_v4(&plan->prefixes[(*at)++], ret_net))
			return true;
	}
	return false;
}

bool export_lan_of(const struct plan *plan, const struct ip_addr *host, struct ip_net *ret_net)
{
	struct ip_net net;
	bool found = false;
	size_t at = 0;

	while (export_lan_next(plan, &at, &net)) {
		if (!ip_net_contains(&net, host) || (found && net.length <= ret_net->length))
			continue;
		*ret_net = net;
		found = true;
	}
	return found;
}

struct export_source export_source_of(const struct export *export,
				      const struct plan_service *service)
{
	const struct plan *plan = export->plan;
	struct export_source source = {.keeps_others =
					       service->hairpin_source == HP_HAIRPIN_CLIENT};

	if (service->hairpin_source == HP_HAIRPIN_EXTERNAL && plan->n_wan_addrs &&
	    ip_addr_is_v4(&plan->wan_addrs[0]))
		ip_addr_format(&plan->wan_addrs[0], source.address);
	return source;
}

bool export_nat_begin(struct export *export)
{
	const struct plan *plan = export->plan;

	if (plan->role == CONF_ROLE_RESOLVER) {
		export_cannot(
			export,
			"with `role: resolver` nothing says which networks are inside: export it from a configuration with `role: gateway`, `wan` and `lan`");
		return false;
	}
	for (size_t i = 0; i < plan->n_services; i++) {
		const struct plan_service *service = &plan->services[i];

		if (service->is_self)
			export_cannot(
				export,
				"%s: its host is the gateway itself; nothing is forwarded, its own firewall has to let it in",
				service->name);
		if (service->has_host && service->hairpin_source == HP_HAIRPIN_EXTERNAL &&
		    !*export_source_of(export, service).address)
			export_cannot(
				export,
				"%s: hosts inside come with the router's LAN address, since the public one is not known",
				service->name);
	}
	export_cannot(
		export,
		"what the machine itself answers, and what segments may ask of each other: that stays with its own firewall");
	return true;
}
