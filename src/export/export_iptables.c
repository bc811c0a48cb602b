// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * iptables has no maps: a rule for each forward and purpose, in chains of their own, so that a second run takes the place of the first.
 *
 * What is for the gateway's public address is known by its kind (any address of this machine that is not inside), so that a new address by DHCP needs no new rules. An
 * `-i wan` would be shorter and is why most such recipes do not work from inside.
 */
#include <stdio.h>

#include "export_internal.h"

/* Each forward of each service that has an IPv4 host. */
typedef void (*forward_fn)(struct export *export, const struct plan_service *service,
			   const struct plan_forward *forward);

static void forwards(struct export *export, forward_fn add)
{
	const struct plan *plan = export->plan;

	for (size_t i = 0; i < plan->n_services; i++) {
		const struct plan_service *service = &plan->services[i];

		for (size_t k = 0; service->has_host && k < service->n_forwards; k++)
			add(export, service, &service->forwards[k]);
	}
}

/* -p tcp --dport 443 */
static void match_add(struct strbuf *out, __u8 proto, __u16 first, __u16 last)
{
	char ports[EXPORT_PORTS_MAX];

	strbuf_add(out, " -p %s --dport %s", export_proto(proto),
		   export_ports(first, last, ':', ports));
}

static void match_internal(struct strbuf *out, const struct plan_forward *forward)
{
	match_add(out, forward->proto, forward->internal_first, export_internal_last(forward));
}

/* A range that moves as a whole names where it began (since iptables 1.8.3, kernel 4.19). */
static void target_add(struct strbuf *out, const struct plan_service *service,
		       const struct plan_forward *forward)
{
	char text[IP_TEXT_MAX], ports[EXPORT_PORTS_MAX];

	strbuf_add(out, " -j DNAT --to-destination %s", ip_addr_format(&service->host, text));
	if (forward->internal_first == forward->external_first)
		return;
	strbuf_add(
		out, ":%s",
		export_ports(forward->internal_first, export_internal_last(forward), '-', ports));
	if (forward->external_first != forward->external_last)
		strbuf_add(out, "/%u", forward->external_first);
}

static void dnat_line(struct export *export, const char *who, const struct plan_service *service,
		      const struct plan_forward *forward)
{
	struct strbuf *out = &export->body;

	strbuf_add(out, "-A HAIRPIN-DNAT%s", who);
	match_add(out, forward->proto, forward->external_first, forward->external_last);
	target_add(out, service, forward);
	strbuf_add(out, "\n");
}

/* A line for each network inside: on one interface nothing else tells who is there. */
static void dnat_of_inside(struct export *export, const struct plan_service *service,
			   const struct plan_forward *forward)
{
	char text[IP_TEXT_MAX], who[IP_TEXT_MAX + 32];
	struct ip_net net;
	size_t at = 0;

	while (export_lan_next(export->plan, &at, &net)) {
		snprintf(who, sizeof(who), " -s %s", ip_net_format(&net, text));
		dnat_line(export, who, service, forward);
	}
}

/* `allow` is about who comes from WAN; who is inside is not asked. In OUTPUT there is no interface that it came by, so it counts as inside. */
static void dnat_add(struct export *export, const struct plan_service *service,
		     const struct plan_forward *forward)
{
	const struct conf *conf = export->conf;
	const struct conf_service *said = &conf->services[service - export->plan->services];
	char text[IP_TEXT_MAX], who[IP_TEXT_MAX + 32];

	if (!said->n_allow) {
		dnat_line(export, "", service, forward);
		return;
	}
	for (size_t i = 0; i < said->n_allow; i++) {
		if (!ip_addr_is_v4(&said->allow[i].addr))
			continue;
		snprintf(who, sizeof(who), " -i %s -s %s", conf->wan_interface,
			 ip_net_format(&said->allow[i], text));
		dnat_line(export, who, service, forward);
	}
	if (export_is_bypass(export)) {
		dnat_of_inside(export, service, forward);
		return;
	}
	snprintf(who, sizeof(who), " ! -i %s", conf->wan_interface);
	dnat_line(export, who, service, forward);
}

static void snat_line(struct export *export, const struct ip_net *from,
		      const struct plan_service *service, const struct plan_forward *forward)
{
	const struct export_source source = export_source_of(export, service);
	struct strbuf *out = &export->body;
	char net[IP_TEXT_MAX], host[IP_TEXT_MAX];

	strbuf_add(out, "-A HAIRPIN-SNAT -m conntrack --ctstate DNAT -s %s -d %s",
		   ip_net_format(from, net), ip_addr_format(&service->host, host));
	match_internal(out, forward);
	if (*source.address)
		strbuf_add(out, " -j SNAT --to-source %s\n", source.address);
	else
		strbuf_add(out, " -j MASQUERADE\n");
}

static void snat_add(struct export *export, const struct plan_service *service,
		     const struct plan_forward *forward)
{
	bool has_segment, keeps_others = export_source_of(export, service).keeps_others;
	struct ip_net net, segment;
	size_t at = 0;

	has_segment = export_lan_of(export->plan, &service->host, &segment);
	while (export_lan_next(export->plan, &at, &net)) {
		if (!keeps_others || (has_segment && ip_net_equal(&net, &segment)))
			snat_line(export, &net, service, forward);
	}
}

static void snat_outside_add(struct export *export, const struct plan_service *service,
			     const struct plan_forward *forward)
{
	char host[IP_TEXT_MAX];

	if (!service->outside_gateway)
		return;
	strbuf_add(&export->body, "-A HAIRPIN-SNAT -m conntrack --ctstate DNAT -d %s",
		   ip_addr_format(&service->host, host));
	match_internal(&export->body, forward);
	strbuf_add(&export->body, " -m comment --comment outside -j MASQUERADE\n");
}

static void accept_add(struct export *export, const struct plan_service *service,
		       const struct plan_forward *forward)
{
	struct strbuf *out = &export->body;
	char host[IP_TEXT_MAX];

	strbuf_add(out, "-A HAIRPIN-FORWARD -m conntrack --ctstate DNAT -d %s",
		   ip_addr_format(&service->host, host));
	match_internal(out, forward);
	strbuf_add(out, " -j ACCEPT\n");
}

/* A line with each network inside; %s is where it stands. */
static void each_lan(struct export *export, const char *before, const char *behind)
{
	char text[IP_TEXT_MAX];
	struct ip_net net;
	size_t at = 0;

	while (export_lan_next(export->plan, &at, &net))
		strbuf_add(&export->body, "%s%s%s\n", before, ip_net_format(&net, text), behind);
}

/* What is asked of another router's address goes on to it where nothing is declared. */
static void public_add(struct export *export)
{
	_strbuf_ struct strbuf lead = {0};
	char text[IP_TEXT_MAX];

	if (!export_public(export, text))
		return;
	strbuf_add(&lead, " -d %s -j HAIRPIN-DNAT", text);
	each_lan(export, "-I PREROUTING -s ", strbuf_text(&lead));
	strbuf_add(&export->body, "-I OUTPUT%s\n", strbuf_text(&lead));
}

static void nat_table(struct export *export)
{
	_strbuf_ struct strbuf out_of_wan = {0};

	strbuf_add(&export->body, "*nat\n:HAIRPIN-DNAT - [0:0]\n:HAIRPIN-SNAT - [0:0]\n"
				  "-I PREROUTING -m addrtype --dst-type LOCAL -j HAIRPIN-DNAT\n"
				  "-I OUTPUT -m addrtype --dst-type LOCAL -j HAIRPIN-DNAT\n"
				  "-I POSTROUTING -j HAIRPIN-SNAT\n");
	public_add(export);
	strbuf_add(&export->body, "-A HAIRPIN-DNAT -d 127.0.0.0/8 -j RETURN\n");
	/* What the main router forwards comes to our address inside: there is no other. */
	if (!export_is_bypass(export))
		each_lan(export, "-A HAIRPIN-DNAT -d ", " -j RETURN");
	forwards(export, dnat_add);
	forwards(export, snat_add);
	if (export_is_bypass(export)) {
		forwards(export, snat_outside_add);
		each_lan(export, "-A HAIRPIN-SNAT -d ", " -j RETURN");
	}
	strbuf_add(&out_of_wan, " -o %s -j MASQUERADE", export->conf->wan_interface);
	if (!export->plan->settings.routed)
		each_lan(export, "-A HAIRPIN-SNAT -s ", strbuf_text(&out_of_wan));
	strbuf_add(&export->body, "COMMIT\n");
}

static void filter_table(struct export *export)
{
	_strbuf_ struct strbuf out_of_wan = {0};

	strbuf_add(&export->body,
		   "*filter\n:HAIRPIN-FORWARD - [0:0]\n-I FORWARD -j HAIRPIN-FORWARD\n"
		   "-A HAIRPIN-FORWARD -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT\n");
	forwards(export, accept_add);
	strbuf_add(&out_of_wan, " -o %s -j ACCEPT", export->conf->wan_interface);
	each_lan(export, "-A HAIRPIN-FORWARD -s ", strbuf_text(&out_of_wan));
	strbuf_add(&export->body, "COMMIT\n");
}

static void pinhole_add(struct export *export, const struct plan_service *service)
{
	const struct conf_service *said = &export->conf->services[service - export->plan->services];
	struct strbuf *out = &export->body;
	char host[IP_TEXT_MAX], net[IP_TEXT_MAX];

	for (size_t k = 0; k < service->n_forwards; k++) {
		for (size_t i = 0; i < said->n_allow || (!said->n_allow && i == 0); i++) {
			if (said->n_allow && ip_addr_is_v4(&said->allow[i].addr))
				continue;
			strbuf_add(out, "-A HAIRPIN-FORWARD -i %s -d %s",
				   export->conf->wan_interface,
				   ip_addr_format(&service->host6, host));
			if (said->n_allow)
				strbuf_add(out, " -s %s", ip_net_format(&said->allow[i], net));
			match_internal(out, &service->forwards[k]);
			strbuf_add(out, " -j ACCEPT\n");
		}
	}
}

static void pinholes(struct export *export)
{
	const struct plan *plan = export->plan;
	size_t n = 0;

	for (size_t i = 0; i < plan->n_services; i++)
		n += plan->services[i].has_host6;
	if (!n)
		return;
	strbuf_add(&export->body,
		   "\nip6tables-save | grep -v HAIRPIN- | ip6tables-restore\n"
		   "ip6tables-restore --noflush <<'END'\n*filter\n:HAIRPIN-FORWARD - [0:0]\n"
		   "-I FORWARD -j HAIRPIN-FORWARD\n"
		   "-A HAIRPIN-FORWARD -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT\n");
	for (size_t i = 0; i < plan->n_services; i++) {
		if (plan->services[i].has_host6)
			pinhole_add(export, &plan->services[i]);
	}
	strbuf_add(&export->body, "COMMIT\nEND\n");
}

void export_iptables(struct export *export)
{
	if (!export_nat_begin(export))
		return;
	export_public_say(export);
	export_cannot(
		export,
		"where net.bridge.bridge-nf-call-iptables is 1 (Docker sets it), loopback between two ports of one bridge fails: sysctl -w net.bridge.bridge-nf-call-iptables=0");
	strbuf_add(&export->body, "sysctl -w net.ipv4.ip_forward=1\n");
	if (export_is_bypass(export))
		strbuf_add(&export->body, EXPORT_NO_REDIRECTS "\n", export->conf->wan_interface);
	strbuf_add(&export->body, "iptables-save | grep -v HAIRPIN- | iptables-restore\n"
				  "iptables-restore --noflush <<'END'\n");
	nat_table(export);
	filter_table(export);
	strbuf_add(&export->body, "END\n");
	pinholes(export);
}
