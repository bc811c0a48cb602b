// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * RouterOS does no loopback by itself: each forward needs a rule of dstnat that does not ask for the interface (else nobody inside meets it), one of srcnat and one of the
 * filter. `dst-address-type=local` but for the networks inside is the public address, whatever it is today. (help.mikrotik.com, "NAT", "Hairpin NAT".)
 */
#include <netinet/in.h>

#include "export_internal.h"

struct row {
	struct export *export;
	const struct plan_service *service;
	const struct conf_service *said;
	const struct plan_forward *forward;
};

static void end_add(const struct row *row)
{
	strbuf_add(&row->export->body, " comment=\"hairpin: %s\"\n", row->service->name);
}

static void internal_add(const struct row *row)
{
	char host[IP_TEXT_MAX], ports[EXPORT_PORTS_MAX];

	strbuf_add(&row->export->body, " dst-address=%s protocol=%s dst-port=%s",
		   ip_addr_format(&row->service->host, host), export_proto(row->forward->proto),
		   export_ports(row->forward->internal_first, export_internal_last(row->forward),
				'-', ports));
}

static void dstnat_line(const struct row *row, const char *who)
{
	struct strbuf *out = &row->export->body;
	const struct plan_forward *forward = row->forward;
	char host[IP_TEXT_MAX], ports[EXPORT_PORTS_MAX];

	strbuf_add(
		out,
		"add chain=dstnat action=dst-nat dst-address-type=local dst-address-list=!hairpin-inside%s "
		"protocol=%s dst-port=%s to-addresses=%s",
		who, export_proto(forward->proto),
		export_ports(forward->external_first, forward->external_last, '-', ports),
		ip_addr_format(&row->service->host, host));
	if (forward->internal_first != forward->external_first)
		strbuf_add(out, " to-ports=%s",
			   export_ports(forward->internal_first, export_internal_last(forward), '-',
					ports));
	end_add(row);
}

static void dstnat_add(const struct row *row)
{
	_strbuf_ struct strbuf who = {0};

	if (!row->said->n_allow) {
		dstnat_line(row, "");
		return;
	}
	strbuf_add(&who, " in-interface-list=WAN src-address-list=hairpin-%s", row->service->name);
	dstnat_line(row, strbuf_text(&who));
	dstnat_line(row, " in-interface-list=!WAN");
}

static void srcnat_add(const struct row *row)
{
	const struct export_source source = export_source_of(row->export, row->service);
	struct strbuf *out = &row->export->body;
	char text[IP_TEXT_MAX];
	struct ip_net segment;

	strbuf_add(out, "add chain=srcnat connection-nat-state=dstnat");
	if (source.keeps_others && export_lan_of(row->export->plan, &row->service->host, &segment))
		strbuf_add(out, " src-address=%s", ip_net_format(&segment, text));
	else
		strbuf_add(out, " src-address-list=hairpin-inside");
	internal_add(row);
	if (*source.address)
		strbuf_add(out, " action=src-nat to-addresses=%s", source.address);
	else
		strbuf_add(out, " action=masquerade");
	end_add(row);
}

static void filter_add(const struct row *row)
{
	strbuf_add(&row->export->body,
		   "add chain=forward action=accept connection-nat-state=dstnat");
	internal_add(row);
	strbuf_add(&row->export->body, " place-before=0");
	end_add(row);
}

/* The router has its own forwards of a range only where each port stays or the whole range becomes one. */
static bool can_take(const struct row *row)
{
	const struct plan_forward *forward = row->forward;
	char ports[EXPORT_PORTS_MAX];

	if (forward->external_first == forward->external_last ||
	    forward->external_first == forward->internal_first)
		return true;
	export_cannot(row->export,
		      "%s: a range cannot move: %s/%s is left out, list its ports one by one",
		      row->service->name,
		      export_ports(forward->external_first, forward->external_last, '-', ports),
		      export_proto(forward->proto));
	return false;
}

static void each(struct export *export, void (*add)(const struct row *row),
		 bool (*may)(const struct row *row))
{
	const struct plan *plan = export->plan;

	for (size_t i = 0; i < plan->n_services; i++) {
		const struct plan_service *service = &plan->services[i];

		for (size_t k = 0; service->has_host && k < service->n_forwards; k++) {
			const struct row row = {export, service, &export->conf->services[i],
						&service->forwards[k]};

			if (may(&row))
				add(&row);
		}
	}
}

/* What was said once is not said again. */
static bool can_take_still(const struct row *row)
{
	const struct plan_forward *forward = row->forward;

	return forward->external_first == forward->external_last ||
	       forward->external_first == forward->internal_first;
}

static void lists_add(struct export *export)
{
	const struct conf *conf = export->conf;
	char text[IP_TEXT_MAX];
	struct ip_net net;
	size_t at = 0;

	strbuf_add(&export->body, "/ip firewall address-list\n");
	while (export_lan_next(export->plan, &at, &net))
		strbuf_add(&export->body,
			   "add list=hairpin-inside address=%s comment=\"hairpin: inside\"\n",
			   ip_net_format(&net, text));
	for (size_t i = 0; i < conf->n_services; i++) {
		const struct conf_service *service = &conf->services[i];

		for (size_t k = 0; k < service->n_allow; k++) {
			if (ip_addr_is_v4(&service->allow[k].addr))
				strbuf_add(
					&export->body,
					"add list=hairpin-%s address=%s comment=\"hairpin: %s\"\n",
					service->name, ip_net_format(&service->allow[k], text),
					service->name);
		}
	}
}

static void pinhole_add(struct export *export, const struct plan_service *service)
{
	char host[IP_TEXT_MAX], ports[EXPORT_PORTS_MAX];

	for (size_t k = 0; k < service->n_forwards; k++) {
		const struct plan_forward *forward = &service->forwards[k];

		strbuf_add(
			&export->body,
			"add chain=forward action=accept dst-address=%s/128 protocol=%s dst-port=%s place-before=0 "
			"comment=\"hairpin: %s\"\n",
			ip_addr_format(&service->host6, host), export_proto(forward->proto),
			export_ports(forward->internal_first, export_internal_last(forward), '-',
				     ports),
			service->name);
	}
}

static void pinholes_add(struct export *export)
{
	const struct plan *plan = export->plan;

	strbuf_add(&export->body, "/ipv6 firewall filter\n");
	for (size_t i = 0; i < plan->n_services; i++) {
		if (!plan->services[i].has_host6)
			continue;
		/* Without its list it would be open to everybody. */
		if (export->conf->services[i].n_allow)
			export_cannot(export, "%s: `allow` over IPv6; it is left closed there",
				      plan->services[i].name);
		else
			pinhole_add(export, &plan->services[i]);
	}
}

void export_routeros(struct export *export)
{
	if (export_needs_two_sides(export, "the interface lists of RouterOS") ||
	    !export_nat_begin(export))
		return;
	export_public_cannot(export, "what is for the router is told by its own addresses");
	export_cannot(
		export,
		"what the router itself asks of its public address is not led to the servers");
	strbuf_add(&export->body, "/ip firewall nat remove [find comment~\"^hairpin: \"]\n"
				  "/ip firewall filter remove [find comment~\"^hairpin: \"]\n"
				  "/ip firewall address-list remove [find comment~\"^hairpin: \"]\n"
				  "/ipv6 firewall filter remove [find comment~\"^hairpin: \"]\n");
	lists_add(export);
	strbuf_add(&export->body, "/ip firewall nat\n");
	each(export, dstnat_add, can_take);
	each(export, srcnat_add, can_take_still);
	strbuf_add(&export->body, "/ip firewall filter\n");
	each(export, filter_add, can_take_still);
	pinholes_add(export);
}
