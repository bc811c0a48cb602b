// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * OpenWrt does the loopback of a forward by itself (`reflection`), for one zone and where `wan` masquerades; the options are those of firewall4, root/usr/share/ucode/fw4.uc.
 */
#include <string.h>

#include "export_internal.h"

/* The name of a section: letters, digits and "_". */
static void section_add(struct strbuf *out, const char *name, size_t index)
{
	strbuf_add(out, "firewall.hairpin_");
	for (; *name; name++)
		strbuf_add_bytes(out, *name == '-' || *name == '.' ? "_" : name, 1);
	strbuf_add(out, "_%zu", index);
}

static void set(struct strbuf *out, const struct strbuf *section, const char *option,
		const char *value)
{
	strbuf_add(out, "set %s.%s='%s'\n", strbuf_text(section), option, value);
}

static void allow_add(struct strbuf *out, const struct strbuf *section,
		      const struct conf_service *said, bool is_v4)
{
	char text[IP_TEXT_MAX];

	for (size_t i = 0; i < said->n_allow; i++) {
		if (ip_addr_is_v4(&said->allow[i].addr) == is_v4)
			strbuf_add(out, "add_list %s.src_ip='%s'\n", strbuf_text(section),
				   ip_net_format(&said->allow[i], text));
	}
}

/* Whether nobody of a family is on the list, so that there is nothing to open. */
static bool is_closed(const struct conf_service *said, bool is_v4)
{
	for (size_t i = 0; i < said->n_allow; i++) {
		if (ip_addr_is_v4(&said->allow[i].addr) == is_v4)
			return false;
	}
	return said->n_allow > 0;
}

/* What a forward has that a hole in IPv6's firewall has not. */
static void redirect_add(struct strbuf *out, const struct strbuf *section,
			 const struct plan_service *service, const struct plan_forward *forward)
{
	char ports[EXPORT_PORTS_MAX];

	set(out, section, "src_dport",
	    export_ports(forward->external_first, forward->external_last, '-', ports));
	set(out, section, "reflection", "1");
	set(out, section, "reflection_src",
	    service->hairpin_source == HP_HAIRPIN_EXTERNAL ? "external" : "internal");
}

/* The @k-th forward of the @i-th service, in one family. */
static void forward_add(struct export *export, size_t i, size_t k, bool is_v4)
{
	const struct plan_service *service = &export->plan->services[i];
	const struct plan_forward *forward = &service->forwards[k];
	_strbuf_ struct strbuf section = {0};
	struct strbuf *out = &export->body;
	char host[IP_TEXT_MAX], ports[EXPORT_PORTS_MAX];

	section_add(&section, service->name, k);
	strbuf_add(&section, "%s", is_v4 ? "" : "_v6");
	strbuf_add(out, "set %s=%s\nset %s.name='hairpin: %s'\n", strbuf_text(&section),
		   is_v4 ? "redirect" : "rule", strbuf_text(&section), service->name);
	set(out, &section, "target", is_v4 ? "DNAT" : "ACCEPT");
	set(out, &section, "family", is_v4 ? "ipv4" : "ipv6");
	set(out, &section, "src", "wan");
	set(out, &section, "dest", "lan");
	set(out, &section, "proto", export_proto(forward->proto));
	set(out, &section, "dest_ip",
	    ip_addr_format(is_v4 ? &service->host : &service->host6, host));
	set(out, &section, "dest_port",
	    export_ports(forward->internal_first, export_internal_last(forward), '-', ports));
	if (is_v4)
		redirect_add(out, &section, service, forward);
	allow_add(out, &section, &export->conf->services[i], is_v4);
}

static void service_add(struct export *export, size_t i)
{
	const struct plan_service *service = &export->plan->services[i];
	const struct conf_service *said = &export->conf->services[i];

	for (size_t k = 0; k < service->n_forwards; k++) {
		const struct plan_forward *forward = &service->forwards[k];

		if (service->has_host && !is_closed(said, true)) {
			forward_add(export, i, k, true);
			if (forward->external_first != forward->external_last &&
			    forward->external_first != forward->internal_first)
				export_cannot(
					export,
					"%s: a range that moves: each connection gets any port of the inner range",
					service->name);
		}
		if (service->has_host6 && !is_closed(said, false))
			forward_add(export, i, k, false);
	}
	if (*service->segment && strcmp(service->segment, export->conf->lan[0].interface))
		export_cannot(
			export,
			"%s: what the zone of %s is called there; it stands here as lan, like that of %s",
			service->name, service->segment, export->conf->lan[0].interface);
	if (service->has_host && service->hairpin_source == HP_HAIRPIN_CLIENT)
		export_cannot(
			export,
			"%s: `hairpin-source: client`; its loopback always takes an address of the router",
			service->name);
}

void export_openwrt(struct export *export)
{
	const struct plan *plan = export->plan;

	if (export_needs_two_sides(export, "OpenWrt's zones") || !export_nat_begin(export))
		return;
	export_public_cannot(export, "reflection knows the addresses of its own zones");
	export_cannot(
		export,
		"loopback for segments outside the zone `lan` (openwrt/openwrt#20047), and for "
		"what runs on the router itself: it has neither");
	strbuf_add(
		&export->body,
		"for s in $(uci show firewall | sed -n 's/^\\(firewall\\.hairpin_[^.=]*\\)=.*/\\1/p'); do uci delete \"$s\"; done\n"
		"uci batch <<'END'\n");
	for (size_t i = 0; i < plan->n_services; i++)
		service_add(export, i);
	strbuf_add(&export->body, "commit firewall\nEND\nservice firewall reload\n");
}
