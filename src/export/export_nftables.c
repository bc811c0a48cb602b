// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * One table, replaced as a whole. Where a packet goes is one look into a map, however many forwards there are; what is only said by a range of ports is a second one,
 * since a map cannot move a range.
 */
#include <netinet/in.h>
#include <stdio.h>

#include "export_internal.h"

#define TABLE "ip hairpin_export"

static bool moves(const struct plan_forward *forward)
{
	return forward->external_first != forward->internal_first;
}

/* tcp . 8443 : 192.168.11.20 . 443 */
static void single_add(struct strbuf *out, const struct plan_service *service,
		       const struct plan_forward *forward)
{
	char host[IP_TEXT_MAX];

	for (unsigned int port = forward->external_first; port <= forward->external_last; port++)
		strbuf_add(out, "\t\t\t%s . %u : %s . %u,\n", export_proto(forward->proto), port,
			   ip_addr_format(&service->host, host),
			   forward->internal_first + (port - forward->external_first));
}

static void range_add(struct strbuf *out, const struct plan_service *service,
		      const struct plan_forward *forward)
{
	char host[IP_TEXT_MAX], ports[EXPORT_PORTS_MAX];

	strbuf_add(out, "\t\t\t%s . %s : %s,\n", export_proto(forward->proto),
		   export_ports(forward->external_first, forward->external_last, '-', ports),
		   ip_addr_format(&service->host, host));
}

/* Elements of the map for those that move, or for those that keep their ports; nft takes no empty list. */
static void elements_add(struct export *export, bool moved)
{
	const struct plan *plan = export->plan;
	_strbuf_ struct strbuf elements = {0};

	for (size_t i = 0; i < plan->n_services; i++) {
		const struct plan_service *service = &plan->services[i];

		for (size_t k = 0; service->has_host && k < service->n_forwards; k++) {
			const struct plan_forward *forward = &service->forwards[k];

			if (moves(forward) == moved)
				(moved ? single_add : range_add)(&elements, service, forward);
		}
	}
	if (elements.length)
		strbuf_add(&export->body, "\t\telements = {\n%s\t\t}\n", strbuf_text(&elements));
}

static void maps_add(struct export *export)
{
	const char *before = "\t\telements = { ";
	char text[IP_TEXT_MAX];
	struct ip_net net;
	size_t at = 0;

	strbuf_add(&export->body,
		   "\tset inside {\n\t\ttype ipv4_addr; flags interval; auto-merge\n");
	for (; export_lan_next(export->plan, &at, &net); before = ", ")
		strbuf_add(&export->body, "%s%s", before, ip_net_format(&net, text));
	strbuf_add(&export->body, "%s\t}\n", *before == ',' ? " }\n" : "");
	strbuf_add(
		&export->body,
		"\tmap moved {\n\t\ttype inet_proto . inet_service : ipv4_addr . inet_service\n");
	elements_add(export, true);
	strbuf_add(
		&export->body,
		"\t}\n\tmap kept {\n\t\ttype inet_proto . inet_service : ipv4_addr; flags interval\n");
	elements_add(export, false);
	strbuf_add(&export->body, "\t}\n");
}

/* { tcp . 443, udp . 443 } of @service, by its external or internal ports. */
static void ports_add(struct strbuf *out, const struct plan_service *service, bool external)
{
	char ports[EXPORT_PORTS_MAX];

	strbuf_add(out, "{ ");
	for (size_t k = 0; k < service->n_forwards; k++) {
		const struct plan_forward *forward = &service->forwards[k];
		__u16 first = external ? forward->external_first : forward->internal_first;
		__u16 last = external ? forward->external_last : export_internal_last(forward);

		strbuf_add(out, "%s%s . %s", k ? ", " : "", export_proto(forward->proto),
			   export_ports(first, last, '-', ports));
	}
	strbuf_add(out, " }");
}

static void nets_add(struct strbuf *out, const struct conf_service *said)
{
	const char *before = "{ ";
	char text[IP_TEXT_MAX];

	for (size_t i = 0; i < said->n_allow; i++) {
		if (!ip_addr_is_v4(&said->allow[i].addr))
			continue;
		strbuf_add(out, "%s%s", before, ip_net_format(&said->allow[i], text));
		before = ", ";
	}
	/* An allow list with nothing of IPv4 in it lets nobody in by IPv4. */
	strbuf_add(out, "%s }", before[0] == '{' ? "{ 0.0.0.0" : "");
}

static void allow_add(struct export *export, size_t i)
{
	const struct conf_service *said = &export->conf->services[i];
	const struct plan_service *service = &export->plan->services[i];

	if (!said->n_allow || !service->has_host)
		return;
	if (export_is_bypass(export))
		strbuf_add(&export->body, "\t\tip saddr != @inside ip saddr != ");
	else
		strbuf_add(&export->body,
			   "\t\tiifname \"%s\" ip saddr != ", export->conf->wan_interface);
	nets_add(&export->body, said);
	strbuf_add(&export->body, " meta l4proto . th dport ");
	ports_add(&export->body, service, true);
	strbuf_add(&export->body, " return\n");
}

static void snat_add(struct export *export, const struct plan_service *service)
{
	const struct export_source source = export_source_of(export, service);
	struct strbuf *out = &export->body;
	char host[IP_TEXT_MAX], text[IP_TEXT_MAX];
	struct ip_net segment;

	strbuf_add(out, "\t\tct status dnat ip saddr ");
	if (source.keeps_others && export_lan_of(export->plan, &service->host, &segment))
		strbuf_add(out, "%s", ip_net_format(&segment, text));
	else
		strbuf_add(out, "@inside");
	strbuf_add(out, " ip daddr %s meta l4proto . th dport ",
		   ip_addr_format(&service->host, host));
	ports_add(out, service, false);
	if (*source.address)
		strbuf_add(out, " snat to %s\n", source.address);
	else
		strbuf_add(out, " masquerade\n");
}

static void snat_outside_add(struct export *export, const struct plan_service *service)
{
	char host[IP_TEXT_MAX];

	strbuf_add(&export->body, "\t\tct status dnat ip daddr %s meta l4proto . th dport ",
		   ip_addr_format(&service->host, host));
	ports_add(&export->body, service, false);
	strbuf_add(&export->body, " masquerade comment \"outside\"\n");
}

static void postrouting_add(struct export *export)
{
	const struct plan *plan = export->plan;
	bool bypass = export_is_bypass(export);

	strbuf_add(&export->body,
		   "\tchain postrouting {\n\t\ttype nat hook postrouting priority srcnat\n");
	for (size_t i = 0; i < plan->n_services; i++) {
		if (plan->services[i].has_host)
			snat_add(export, &plan->services[i]);
	}
	for (size_t i = 0; bypass && i < plan->n_services; i++) {
		if (plan->services[i].has_host && plan->services[i].outside_gateway)
			snat_outside_add(export, &plan->services[i]);
	}
	if (!plan->settings.routed)
		strbuf_add(&export->body, "\t\toifname \"%s\" ip saddr @inside %smasquerade\n",
			   export->conf->wan_interface, bypass ? "ip daddr != @inside " : "");
	strbuf_add(&export->body, "\t}\n");
}

/* On what leads to the forwards. What is asked of another router's address goes on to it where nothing is declared. */
static void entries_add(struct export *export)
{
	const char *not_inside = export_is_bypass(export) ? "" : "ip daddr != @inside ";
	struct strbuf *out = &export->body;
	char public[IP_TEXT_MAX];
	bool has_public = export_public(export, public) != NULL;

	strbuf_add(out,
		   "\tchain prerouting {\n\t\ttype nat hook prerouting priority dstnat\n"
		   "\t\tfib daddr type local %sjump forwards\n",
		   not_inside);
	if (has_public)
		strbuf_add(out, "\t\tip saddr @inside ip daddr %s jump forwards\n", public);
	strbuf_add(out,
		   "\t}\n\tchain output {\n\t\ttype nat hook output priority -100\n"
		   "\t\tfib daddr type local %sip daddr != 127.0.0.0/8 jump forwards\n",
		   not_inside);
	if (has_public)
		strbuf_add(out, "\t\tip daddr %s jump forwards\n", public);
	strbuf_add(out, "\t}\n");
}

static void chains_add(struct export *export)
{
	static const char lead[] = "\t\tdnat to meta l4proto . th dport map @moved\n"
				   "\t\tdnat to meta l4proto . th dport map @kept\n";
	const struct plan *plan = export->plan;
	struct strbuf *out = &export->body;

	strbuf_add(out, "\tchain forwards {\n");
	for (size_t i = 0; i < plan->n_services; i++)
		allow_add(export, i);
	/* A bypass router has no other address than the one inside. */
	strbuf_add(out, "%s\t}\n", lead);
	entries_add(export);
	postrouting_add(export);
}

static void pinholes_say(struct export *export)
{
	const struct plan *plan = export->plan;

	for (size_t i = 0; i < plan->n_services; i++) {
		const struct plan_service *service = &plan->services[i];
		_strbuf_ struct strbuf ports = {0};
		char host[IP_TEXT_MAX];

		if (!service->has_host6)
			continue;
		ports_add(&ports, service, false);
		export_cannot(
			export,
			"%s over IPv6: where another table drops it, that has to have: ip6 daddr %s meta l4proto . th dport %s accept",
			service->name, ip_addr_format(&service->host6, host), strbuf_text(&ports));
	}
}

void export_nftables(struct export *export)
{
	if (!export_nat_begin(export))
		return;
	export_public_say(export);
	export_cannot(
		export,
		"no table can overrule another's drop: where one drops what is forwarded (ufw, firewalld, Docker), it has to have: ct status dnat accept");
	export_cannot(
		export,
		"where net.bridge.bridge-nf-call-iptables is 1 (Docker sets it), loopback between two ports of one bridge fails: sysctl -w net.bridge.bridge-nf-call-iptables=0");
	if (export_is_bypass(export))
		export_cannot(
			export,
			"ICMP redirects, which send hosts round this machine: " EXPORT_NO_REDIRECTS,
			export->conf->wan_interface);
	pinholes_say(export);
	strbuf_add(&export->body, "table " TABLE "\ndelete table " TABLE "\ntable " TABLE " {\n");
	maps_add(export);
	chains_add(export);
	strbuf_add(&export->body, "}\n");
}
