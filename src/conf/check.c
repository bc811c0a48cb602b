// SPDX-License-Identifier: GPL-2.0-or-later
#include "check.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "alloc.h"

static void check_interfaces(const struct conf *conf, struct report *report)
{
	bool one_arm = conf->role == CONF_ROLE_BYPASS;

	for (size_t i = 0; i < conf->n_lan; i++) {
		const struct conf_lan *lan = &conf->lan[i];
		struct spot spot = {lan->line, "interface", lan->interface};
		bool is_wan = !strcmp(lan->interface, conf->wan_interface);

		if (one_arm && !is_wan)
			report_add(
				report, spot,
				"role bypass has one interface for both sides; %s, as under wan, or role gateway",
				conf->wan_interface);
		if (one_arm && lan->isolate)
			report_add(
				report, spot,
				"its hosts reach each other without this machine; take `isolate` out");
		if (!one_arm && is_wan)
			report_add(report, spot,
				   "is the WAN interface too (line %u); each side has its own",
				   conf->wan_line);
		for (size_t j = 0; j < i; j++) {
			if (!strcmp(lan->interface, conf->lan[j].interface))
				report_add(report, spot,
					   "listed twice, first on line %u; name each segment once",
					   conf->lan[j].line);
		}
	}
}

static void check_fast_path(const struct conf *conf, struct report *report)
{
	if (conf->fast_path == CONF_FAST_PATH_ON && conf->backend == CONF_BACKEND_NFTABLES)
		report_add(report, (struct spot){conf->fast_path_line, "fast-path", "on"},
			   "nat.backend: nftables has no XDP; auto, or leave out nat.backend");
}

/* What only means something behind another router. */
static void check_bypass(const struct conf *conf, struct report *report)
{
	bool one_arm = conf->role == CONF_ROLE_BYPASS;

	if (!one_arm && conf->outgoing != CONF_OUTGOING_MASQUERADE)
		report_add(report, (struct spot){conf->outgoing_line, "outgoing", "route"},
			   "only role bypass has another router that translates; masquerade");
	if (one_arm && conf->tcp_pickup)
		report_add(
			report, (struct spot){0, "tcp-pickup", "yes"},
			"role bypass routes the middle of connections that it does not know as it is; no");
	for (size_t i = 0; i < conf->n_services; i++) {
		const struct conf_service *service = &conf->services[i];

		if (!one_arm && service->outside_source != CONF_OUTSIDE_AUTO)
			report_add(
				report,
				(struct spot){service->outside_source_line, "outside-source",
					      service->outside_source == CONF_OUTSIDE_CLIENT
						      ? "client"
						      : "gateway"},
				"only role bypass has a choice: a gateway keeps the client's own; take it out");
	}
}

static void check_networks(const struct conf *conf, struct report *report)
{
	char text[IP_TEXT_MAX], other[IP_TEXT_MAX];

	for (size_t i = 0; i < conf->n_lan; i++) {
		const struct conf_lan *lan = &conf->lan[i];

		for (size_t j = 0; j < i && lan->has_network; j++) {
			const struct conf_lan *before = &conf->lan[j];
			struct spot spot = {lan->network_line, "network",
					    ip_net_format(&lan->network, text)};

			if (before->has_network && ip_net_overlaps(&lan->network, &before->network))
				report_add(report, spot,
					   "overlaps %s of %s (line %u); segments share no address",
					   ip_net_format(&before->network, other),
					   before->interface, before->network_line);
		}
	}
}

static int compare_names(const void *a, const void *b)
{
	const struct conf_service *const *left = a, *const *right = b;
	int order = strcmp((*left)->name, (*right)->name);

	if (order)
		return order;
	return ((*left)->line > (*right)->line) - ((*left)->line < (*right)->line);
}

static void check_names(const struct conf *conf, struct report *report)
{
	_free_ const struct conf_service **sorted =
		alloc_array(NULL, conf->n_services, sizeof(*sorted));

	for (size_t i = 0; i < conf->n_services; i++)
		sorted[i] = &conf->services[i];
	qsort(sorted, conf->n_services, sizeof(*sorted), compare_names);
	for (size_t i = 1; i < conf->n_services; i++) {
		struct spot spot = {sorted[i]->line, "name", sorted[i]->name};

		if (!strcmp(sorted[i]->name, sorted[i - 1]->name))
			report_add(report, spot,
				   "given to another service on line %u; each has its own",
				   sorted[i - 1]->line);
	}
}

/* The segment that @host is in by its written network, or NULL. */
static const struct conf_lan *segment_of(const struct conf *conf, const struct ip_addr *host)
{
	for (size_t i = 0; i < conf->n_lan; i++) {
		if (ip_net_contains(&conf->lan[i].network, host))
			return &conf->lan[i];
	}
	return NULL;
}

/*
 * The first and the last address of a network are no host's (RFC 3021 excepts prefixes of 31 bits).
 */
bool conf_is_edge(const struct ip_net *net, const struct ip_addr *host)
{
	__u32 mask = net->length ? 0xffffffffu << (32 - net->length) : 0;
	__u32 part = ntohl(ip_addr_v4(host)) & ~mask;

	return net->length < 31 && (part == 0 || part == ~mask);
}

static bool all_networks_known(const struct conf *conf)
{
	for (size_t i = 0; i < conf->n_lan; i++) {
		if (!conf->lan[i].has_network)
			return false;
	}
	return true;
}

/* @key is what gives the address @host, on @line. */
static void check_host(const struct conf *conf, const struct ip_addr *host, unsigned int line,
		       const char *key, struct report *report)
{
	const struct conf_lan *lan = segment_of(conf, host);
	char text[IP_TEXT_MAX], net[IP_TEXT_MAX];
	struct spot spot = {line, key, ip_addr_format(host, text)};

	/* A resolver need not be where its hosts are. */
	if (!lan && conf->role != CONF_ROLE_RESOLVER && all_networks_known(conf))
		report_add(report, spot,
			   "outside every network under lan; an address in one of them, or leave "
			   "`network` out where hosts are behind another router");
	else if (lan && conf_is_edge(&lan->network, host))
		report_add(report, spot, "the first or last of %s, which is no host's; another one",
			   ip_net_format(&lan->network, net));
}

/* Nothing is translated on the way to the gateway itself, and it has both families of itself. */
static void check_self(const struct conf_service *service, struct report *report)
{
	const struct conf_filtering *filtering = &service->filtering;
	const struct {
		bool is_said;
		const char *key;
		unsigned int line;
	} keys[] = {
		{service->has_host6, "host6", service->host6_line},
		{service->has_hairpin_source, "hairpin-source", service->host_line},
		{filtering->has_udp || filtering->has_tcp, "filtering",
		 filtering->has_udp ? filtering->udp_line : filtering->tcp_line},
	};

	for (size_t i = 0; service->is_self && i < ARRAY_SIZE(keys); i++) {
		if (keys[i].is_said)
			report_add(report, (struct spot){keys[i].line, keys[i].key, service->name},
				   "means nothing beside `host: self`; leave it out");
	}
}

static void check_service(const struct conf *conf, const struct conf_service *service,
			  struct report *report)
{
	struct spot spot = {service->line, "services", service->name};

	if (!service->says_host && !service->has_host6)
		report_add(report, spot, "has no host; give it `host`, `host6` or both");
	if (!service->n_ports)
		report_add(report, spot, "has no ports; give it `ports`, a `preset` or both");
	if (service->n_ports > LIMIT_PORTS_PER_SERVICE)
		report_add(report, spot, "has %zu port items with its preset; at most %u",
			   service->n_ports, LIMIT_PORTS_PER_SERVICE);
	if (service->has_host)
		check_host(conf, &service->host, service->host_line, "host", report);
	check_self(service, report);
}

/* Nothing but names is done there, and they have to be asked for somewhere. */
static void check_resolver(const struct conf *conf, struct report *report)
{
	if (!conf->has_dns)
		report_add(report, (struct spot){conf->role_line, "role", "resolver"},
			   "without dns it does nothing; add `dns:` with an upstream");
	else if (!conf->n_lan && !conf->n_listeners)
		report_add(
			report, (struct spot){conf->role_line, "dns.listen", "lan"},
			"there is no `lan`; list the addresses of this machine that clients ask, "
			"or its interfaces under lan");
}

/* Nobody would be answered. */
static void check_hosts_service(const struct conf *conf, struct report *report)
{
	for (size_t i = 0; i < conf->n_lan; i++) {
		if (!conf->lan[i].isolate)
			return;
	}
	if (conf->hosts_service)
		report_add(report, (struct spot){conf->hosts_service_line, "hosts-service", "yes"},
			   "no segment may ask: each is isolated; no, or a segment that is not");
}

/* Ports that speak something else. */
static void check_tls(const struct conf *conf, struct report *report)
{
	char text[16];

	if (!conf->has_tls || (conf->tls.https != 53 && conf->tls.https != 853))
		return;
	snprintf(text, sizeof(text), "%u", conf->tls.https);
	report_add(report, (struct spot){conf->tls.https_line, "https", text},
		   "is the port of DNS itself or of DNS over TLS; another one, or off");
}

void conf_check(const struct conf *conf, struct report *report)
{
	if (conf->role == CONF_ROLE_RESOLVER)
		check_resolver(conf, report);
	check_interfaces(conf, report);
	check_bypass(conf, report);
	check_fast_path(conf, report);
	conf_check_public(conf, report);
	check_networks(conf, report);
	check_names(conf, report);
	for (size_t i = 0; i < conf->n_services; i++)
		check_service(conf, &conf->services[i], report);
	for (size_t i = 0; i < conf->n_hosts; i++)
		check_host(conf, &conf->hosts[i].address, conf->hosts[i].line, "address", report);
	conf_check_filtering(conf, report);
	conf_check_rewriting(conf, report);
	conf_check_upstreams(conf, report);
	check_tls(conf, report);
	check_hosts_service(conf, report);
	conf_check_lists(conf, report);
	conf_check_groups(conf, report);
	/* Whose forwards exclude each other is the business of the router that does them. */
	if (conf->role != CONF_ROLE_RESOLVER)
		conf_check_overlap(conf, report);
	conf_check_dhcp(conf, report);
}
