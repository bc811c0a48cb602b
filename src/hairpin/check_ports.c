// SPDX-License-Identifier: GPL-2.0-or-later
/* Programs of this machine that listen on a port that is forwarded or passed, or that the DNS server needs. */
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include "findings.h"
#include "listeners.h"
#include "port_holder.h"

#define DNS_PORT 53
#define DNS_TLS_PORT 853

/* Whether packets to a public address reach a socket bound there. */
static bool is_reached(const struct plan *plan, const struct ip_addr *addr)
{
	if (ip_addr_is_zero(addr))
		return true;
	for (size_t i = 0; i < plan->n_wan_addrs; i++) {
		if (ip_addr_equal(&plan->wan_addrs[i], addr))
			return true;
	}
	return false;
}

static bool wants(const void *data, const struct listener *row)
{
	return is_reached(data, &row->addr);
}

/* One socket of a program that listens on both families is enough. */
static bool is_first(const struct listeners *all, size_t at)
{
	for (size_t i = 0; i < at; i++) {
		if (all->rows[i].proto == all->rows[at].proto &&
		    all->rows[i].port == all->rows[at].port)
			return false;
	}
	return true;
}

static const struct plan_service *forwarded_to(const struct plan *plan, const struct listener *row)
{
	for (size_t i = 0; i < plan->n_services; i++) {
		const struct plan_service *service = &plan->services[i];

		for (size_t j = 0; j < service->n_forwards && !service->is_self; j++) {
			const struct plan_forward *forward = &service->forwards[j];

			if (forward->proto == row->proto && row->port >= forward->external_first &&
			    row->port <= forward->external_last)
				return service;
		}
	}
	return NULL;
}

static const char *proto_name(__u8 proto)
{
	return proto == IPPROTO_TCP ? "tcp" : "udp";
}

static void report_forwarded(struct check *check, const struct listeners *all)
{
	for (size_t i = 0; i < all->n; i++) {
		const struct listener *row = &all->rows[i];
		const struct plan_service *service = forwarded_to(check->candidate->plan, row);
		char program[64] = "a program";

		if (!service || !is_first(all, i))
			continue;
		if (row->pid)
			snprintf(program, sizeof(program), "%s (process %d)", row->program,
				 row->pid);
		check_find(check, "listener", "give one of the two another port",
			   "%s listens on %u/%s: the forward of service %s wins over it", program,
			   row->port, proto_name(row->proto), service->name);
	}
}

static bool is_listened_on(const struct listeners *all, __u16 port, __u8 proto)
{
	for (size_t i = 0; i < all->n; i++) {
		if (all->rows[i].proto == proto && all->rows[i].port == port)
			return true;
	}
	return false;
}

static void report_passed(struct check *check, const struct listeners *all)
{
	const struct conf *conf = check->candidate->conf;

	for (size_t i = 0; i < conf->n_pass; i++) {
		const struct conf_pass *pass = &conf->pass[i];

		if (pass->first == pass->last && !is_listened_on(all, pass->first, pass->proto))
			check_note(check, "listener",
				   "wan.pass has %u/%s, and no program listens there", pass->first,
				   proto_name(pass->proto));
	}
}

/* Nobody on any of the ports of @forward, which is of the gateway itself. */
static bool is_deserted(const struct listeners *all, const struct plan_forward *forward)
{
	unsigned int last =
		forward->internal_first + (forward->external_last - forward->external_first);

	for (size_t i = 0; i < all->n; i++) {
		if (all->rows[i].proto == forward->proto &&
		    all->rows[i].port >= forward->internal_first && all->rows[i].port <= last)
			return false;
	}
	return true;
}

/* Notes, no findings: a container may start later, and one may be reached by rules of others with no program of this machine listening. */
static void report_own(struct check *check, const struct listeners *all)
{
	const struct plan *plan = check->candidate->plan;

	for (size_t i = 0; i < plan->n_services; i++) {
		const struct plan_service *service = &plan->services[i];

		for (size_t j = 0; service->is_self && j < service->n_forwards; j++) {
			const struct plan_forward *forward = &service->forwards[j];

			if (is_deserted(all, forward))
				check_note(
					check, "listener",
					"service %s is of the gateway itself, and no program listens on %u/%s here",
					service->name, forward->internal_first,
					proto_name(forward->proto));
			if (forward->external_first != forward->internal_first)
				check_note(
					check, "moved",
					"service %s: %u/%s goes to %u of the gateway itself over IPv4 alone; over IPv6 it is closed",
					service->name, forward->external_first,
					proto_name(forward->proto), forward->internal_first);
		}
	}
}

void check_listeners(struct check *check)
{
	_listeners_ struct listeners all = {0};

	if (listeners_read(wants, check->candidate->plan, &all))
		return;
	listeners_find_programs(&all);
	report_forwarded(check, &all);
	report_passed(check, &all);
	report_own(check, &all);
}

/* Our own process holds it where we run already: then it is free for the next start. */
static bool is_ours(const char *text)
{
	return !strncmp(text, "hairpind ", 9);
}

/* @port of ours at @addr; 0: none is needed. */
static void check_port(struct check *check, const struct ip_addr *addr, __u16 port, __u8 proto)
{
	_strbuf_ struct strbuf who = {0};
	char address[IP_TEXT_MAX];

	if (!port || !port_holder_explain(addr, port, proto, &who) || is_ours(strbuf_text(&who)))
		return;
	_free_ char *text = strdup(strbuf_text(&who));
	char *fix = text ? strstr(text, "; ") : NULL;

	if (fix)
		*fix = '\0';
	check_find(check, "dns-port", fix ? fix + 2 : "", "%s port %u/%s: %s",
		   ip_addr_format(addr, address), port, proto_name(proto), text ? text : "");
}

void check_dns_port(struct check *check)
{
	const struct plan_dns *dns = &check->candidate->plan->dns;

	for (size_t i = 0; i < dns->n_listeners; i++) {
		const struct ip_addr *addr = &dns->listeners[i].addr;

		check_port(check, addr, DNS_PORT, IPPROTO_UDP);
		check_port(check, addr, DNS_PORT, IPPROTO_TCP);
		check_port(check, addr, dns->tls.on ? DNS_TLS_PORT : 0, IPPROTO_TCP);
		check_port(check, addr, dns->tls.on ? dns->tls.https : 0, IPPROTO_TCP);
	}
}
