// SPDX-License-Identifier: GPL-2.0-or-later
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include "alloc.h"
#include "check.h"

/*
 * Ports that one line of the file claims: external ones on the public address (scope all zero), or
 * those of a pinhole towards an IPv6 host (scope is that host).
 */
struct claim {
	struct ip_addr scope;
	__u8 proto;
	__u16 first, last;
	unsigned int line;
	const struct conf_service *service; /* NULL: wan.pass */
};

struct claims {
	struct claim *claims;
	size_t n;
};

static bool is_pinhole(const struct claim *claim)
{
	return !ip_addr_is_zero(&claim->scope);
}

static void claim_service(struct claims *claims, const struct conf_service *service)
{
	for (size_t i = 0; i < service->n_ports; i++) {
		const struct conf_port *port = &service->ports[i];
		struct claim claim = {.proto = port->proto,
				      .first = port->external_first,
				      .last = port->external_last,
				      .line = port->line,
				      .service = service};

		if (service->says_host)
			claims->claims[claims->n++] = claim;
		claim.scope = service->host6;
		claim.first = port->internal_first;
		claim.last = (__u16)(port->internal_first +
				     (port->external_last - port->external_first));
		if (service->has_host6)
			claims->claims[claims->n++] = claim;
	}
}

static void claim_pass(struct claims *claims, const struct conf *conf)
{
	for (size_t i = 0; i < conf->n_pass; i++) {
		const struct conf_pass *pass = &conf->pass[i];

		claims->claims[claims->n++] = (struct claim){.proto = pass->proto,
							     .first = pass->first,
							     .last = pass->last,
							     .line = pass->line};
	}
}

static size_t count_claims(const struct conf *conf)
{
	size_t n = conf->n_pass;

	for (size_t i = 0; i < conf->n_services; i++)
		n += 2 * conf->services[i].n_ports;
	return n;
}

static int compare_claims(const void *left, const void *right)
{
	const struct claim *a = left, *b = right;
	int order = ip_addr_compare(&a->scope, &b->scope);

	if (order)
		return order;
	if (a->proto != b->proto)
		return a->proto < b->proto ? -1 : 1;
	if (a->first != b->first)
		return a->first < b->first ? -1 : 1;
	return (a->line > b->line) - (a->line < b->line);
}

static void complain(struct report *report, const struct claim *a, const struct claim *b)
{
	const struct claim *earlier = a->line <= b->line ? a : b, *later = earlier == a ? b : a;
	unsigned int first = a->first > b->first ? a->first : b->first;
	unsigned int last = a->last < b->last ? a->last : b->last;
	const char *proto = a->proto == IPPROTO_TCP ? "tcp" : "udp";
	char ports[32];

	if (first == last)
		snprintf(ports, sizeof(ports), "%u/%s", first, proto);
	else
		snprintf(ports, sizeof(ports), "%u-%u/%s", first, last, proto);
	report_add(report, (struct spot){later->line, later->service ? "ports" : "pass", ports},
		   "%s %s%s on line %u; %s",
		   is_pinhole(a) ? "opened towards the same host6 by" : "taken by",
		   earlier->service ? "service " : "wan.pass",
		   earlier->service ? earlier->service->name : "", earlier->line,
		   is_pinhole(a) ? "one service opens a port of a host"
				 : "one owner for each port");
}

/*
 * Two external ports of one service may lead to one port inside (443/tcp and 8443:443/tcp): the
 * pinhole is then the same one twice and no fault.
 */
static bool is_same_pinhole(const struct claim *a, const struct claim *b)
{
	return is_pinhole(a) && a->service == b->service;
}

static void check_sorted(struct report *report, struct claim *claims, size_t n)
{
	struct claim *top = claims;

	for (size_t i = 1; i < n && !report_full(report); i++) {
		struct claim *claim = &claims[i];
		bool meets = ip_addr_equal(&claim->scope, &top->scope) &&
			     claim->proto == top->proto && claim->first <= top->last;

		if (meets && is_same_pinhole(claim, top)) {
			top->last = claim->last > top->last ? claim->last : top->last;
			continue;
		}
		if (meets)
			complain(report, top, claim);
		/* The one that reaches furthest is what later ones can run into. */
		if (!meets || claim->last > top->last)
			top = claim;
	}
}

void conf_check_overlap(const struct conf *conf, struct report *report)
{
	_free_ struct claim *memory = alloc_array(NULL, count_claims(conf), sizeof(*memory));
	struct claims claims = {.claims = memory};

	claim_pass(&claims, conf);
	for (size_t i = 0; i < conf->n_services; i++)
		claim_service(&claims, &conf->services[i]);
	qsort(memory, claims.n, sizeof(*memory), compare_claims);
	check_sorted(report, memory, claims.n);
}
