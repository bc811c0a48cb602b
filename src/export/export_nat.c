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
	const struct ip_addr *own = plan_wan_primary(export->plan);
	struct export_source source = {.keeps_others =
					       service->hairpin_source == HP_HAIRPIN_CLIENT};

	if (service->hairpin_source != HP_HAIRPIN_EXTERNAL || export_public(export, source.address))
		return source;
	if (own)
		ip_addr_format(own, source.address);
	return source;
}

const char *export_public(const struct export *export, char text[IP_TEXT_MAX])
{
	return export->plan->has_public ? ip_addr_format(&export->plan->public, text) : NULL;
}

static const char *inside_address(const struct export *export, char text[IP_TEXT_MAX])
{
	const struct ip_addr *own = plan_wan_primary(export->plan);

	return own ? ip_addr_format(own, text) : "this machine";
}

/* A file cannot ask: an address that is found, or a name's, is the daemon's to follow. */
void export_public_say(struct export *export)
{
	char public[IP_TEXT_MAX], us[IP_TEXT_MAX], same[IP_TEXT_MAX + 48] = "";

	if (export_is_bypass(export))
		snprintf(same, sizeof(same), "by %s, ", inside_address(export, us));
	if (!export_public(export, public)) {
		if (export_is_bypass(export))
			export_cannot(
				export,
				"serve who goes from inside to the public address itself, which is not known here: say `wan.public-address: ADDRESS`; without it %sby a name that is answered with that inside, or by the main router's own loopback",
				same);
		return;
	}
	export_cannot(export,
		      "follow %s when the router that has it gets another: export again then",
		      public);
	if (export_is_bypass(export))
		export_cannot(
			export,
			"serve who goes from inside to %s where the default gateway is the main router: it does not come by here; %sby a name that is answered with that inside, or by the main router's own loopback",
			public, same);
}

void export_public_cannot(struct export *export, const char *what)
{
	char text[IP_TEXT_MAX];

	if (export_public(export, text))
		export_cannot(
			export,
			"serve who goes from inside to %s, which another router has: %s. Names that are answered inside lead to the services",
			text, what);
}

bool export_is_bypass(const struct export *export)
{
	return export->plan->role == CONF_ROLE_BYPASS;
}

bool export_needs_two_sides(struct export *export, const char *what)
{
	if (!export_is_bypass(export))
		return false;
	export_cannot(
		export,
		"anything with `role: bypass`: %s tell the sides apart by interfaces, and there is one; a bypass router that has nft or iptables takes `hairpin export` of these",
		what);
	return true;
}

/* 443/tcp, 30000-30099/udp */
static void ports_list(const struct export *export, struct strbuf *out)
{
	const struct plan *plan = export->plan;
	char ports[EXPORT_PORTS_MAX];

	for (size_t i = 0; i < plan->n_services; i++) {
		const struct plan_service *service = &plan->services[i];

		for (size_t k = 0; service->has_host && k < service->n_forwards; k++) {
			const struct plan_forward *forward = &service->forwards[k];

			strbuf_add(out, "%s%s/%s", out->length ? ", " : "",
				   export_ports(forward->external_first, forward->external_last,
						'-', ports),
				   export_proto(forward->proto));
		}
	}
}

static bool any_outside_gateway(const struct plan *plan)
{
	for (size_t i = 0; i < plan->n_services; i++) {
		if (plan->services[i].has_host && plan->services[i].outside_gateway)
			return true;
	}
	return false;
}

/*
 * The second NAT. That the source of who comes from outside is kept needs a server that answers through us, which nobody can know from a file: so it is replaced but where the file says so, and
 * that is told. The other way round a forward that dies in silence would be the price of a guess.
 */
static void bypass_say(struct export *export)
{
	const struct plan *plan = export->plan;
	_strbuf_ struct strbuf ports = {0};
	char text[IP_TEXT_MAX];

	ports_list(export, &ports);
	if (ports.length)
		export_cannot(
			export,
			"the main router's part: there, forward %s to %s, each to the same port",
			strbuf_text(&ports), inside_address(export, text));
	if (any_outside_gateway(plan))
		export_cannot(
			export,
			"see what a server's default gateway is: servers see this machine's address for who comes from outside; where the default gateway is this machine, say `outside-source: client` of the service, and the server sees the client's own");
	if (plan->settings.routed)
		export_cannot(
			export,
			"let the main router know the way back to hosts that are not in its own network (`nat.outgoing: route`)");
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
	if (export_is_bypass(export))
		bypass_say(export);
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
