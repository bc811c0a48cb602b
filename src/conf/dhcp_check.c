// SPDX-License-Identifier: GPL-2.0-or-later
/* Whether what `dhcp` says fits together, and to the segments. What only the machine knows is the plan's business (plan_dhcp.c). */
#include <stdio.h>
#include <string.h>

#include "alloc.h"
#include "check.h"

static const struct conf_lan *lan_of(const struct conf *conf, const struct conf_dhcp *dhcp)
{
	for (size_t i = 0; i < conf->n_lan; i++) {
		if (!strcmp(conf->lan[i].interface, dhcp->interface))
			return &conf->lan[i];
	}
	return NULL;
}

static void check_interface(const struct conf *conf, size_t index, struct report *report)
{
	const struct conf_dhcp *dhcp = &conf->dhcp[index];
	struct spot spot = {dhcp->line, "interface", dhcp->interface};

	if (conf->role != CONF_ROLE_BYPASS && !strcmp(dhcp->interface, conf->wan_interface))
		report_add(
			report, spot,
			"the WAN interface; hosts on that side are not ours, one of `lan` instead");
	else if (!lan_of(conf, dhcp))
		report_add(report, spot, "not under `lan`; list it there, or take one that is");
	/* In a file of dnsmasq's the others would part words or begin a comment. */
	if (dhcp->interface[strspn(dhcp->interface, "abcdefghijklmnopqrstuvwxyz"
						    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._@-")])
		report_add(
			report, spot,
			"has a character that dnsmasq does not take; a name with letters, digits "
			"and \".\", \"_\", \"@\", \"-\"");
	for (size_t i = 0; i < index; i++) {
		if (!strcmp(conf->dhcp[i].interface, dhcp->interface))
			report_add(report, spot,
				   "has a range already, on line %u; one for each segment",
				   conf->dhcp[i].range_line);
	}
}

/* @addr of key @spot.key in the network that the segment says to have, if it says so. */
static bool check_inside(const struct conf_lan *lan, const struct ip_addr *addr, struct spot spot,
			 struct report *report)
{
	char net[IP_TEXT_MAX];

	if (!lan || !lan->has_network)
		return true;
	if (!ip_net_contains(&lan->network, addr))
		report_add(report, spot, "outside %s of %s (line %u); an address in it",
			   ip_net_format(&lan->network, net), lan->interface, lan->network_line);
	else if (conf_is_edge(&lan->network, addr))
		report_add(report, spot, "the first or last of %s, which is no host's; another one",
			   ip_net_format(&lan->network, net));
	else
		return true;
	return false;
}

static void check_range(const struct conf *conf, const struct conf_dhcp *dhcp,
			struct report *report)
{
	const struct conf_lan *lan = lan_of(conf, dhcp);
	char text[IP_TEXT_MAX];

	if (check_inside(
		    lan, &dhcp->first,
		    (struct spot){dhcp->range_line, "range", ip_addr_format(&dhcp->first, text)},
		    report))
		check_inside(
			lan, &dhcp->last,
			(struct spot){dhcp->range_line, "range", ip_addr_format(&dhcp->last, text)},
			report);
	if (!dhcp->has_gateway)
		return;
	check_inside(
		lan, &dhcp->gateway,
		(struct spot){dhcp->gateway_line, "gateway", ip_addr_format(&dhcp->gateway, text)},
		report);
	if (ip_addr_compare(&dhcp->gateway, &dhcp->first) >= 0 &&
	    ip_addr_compare(&dhcp->gateway, &dhcp->last) <= 0)
		report_add(
			report,
			(struct spot){dhcp->gateway_line, "gateway",
				      ip_addr_format(&dhcp->gateway, text)},
			"inside the range of line %u, so a host would get it; a range without it",
			dhcp->range_line);
}

/* Two ranges that share an address would need two networks that do, which segments never have. */
static void check_ranges(const struct conf *conf, size_t index, struct report *report)
{
	const struct conf_dhcp *dhcp = &conf->dhcp[index];
	char first[IP_TEXT_MAX], last[IP_TEXT_MAX], word[2 * IP_TEXT_MAX];

	snprintf(word, sizeof(word), "%s-%s", ip_addr_format(&dhcp->first, first),
		 ip_addr_format(&dhcp->last, last));
	for (size_t i = 0; i < index; i++) {
		const struct conf_dhcp *other = &conf->dhcp[i];

		if (ip_addr_compare(&dhcp->first, &other->last) <= 0 &&
		    ip_addr_compare(&other->first, &dhcp->last) <= 0)
			report_add(report, (struct spot){dhcp->range_line, "range", word},
				   "overlaps that of %s on line %u; segments share no address",
				   other->interface, other->range_line);
	}
}

/* --- reservations -------------------------------------------------------------------------- */

static int compare_macs(const void *a, const void *b)
{
	const struct conf_reservation *const *left = a, *const *right = b;

	return memcmp((*left)->mac, (*right)->mac, sizeof((*left)->mac));
}

static int compare_addrs(const void *a, const void *b)
{
	const struct conf_reservation *const *left = a, *const *right = b;

	return ip_addr_compare(&(*left)->address, &(*right)->address);
}

static int compare_labels(const void *a, const void *b)
{
	const struct conf_reservation *const *left = a, *const *right = b;

	return strcmp((*left)->name, (*right)->name);
}

static struct spot mac_spot(const struct conf_reservation *reservation, char *text)
{
	const __u8 *mac = reservation->mac;

	sprintf(text, "%02x:%02x:%02x:%02x:%02x:%02x", mac[0], mac[1], mac[2], mac[3], mac[4],
		mac[5]);
	return (struct spot){reservation->line, "mac", text};
}

static struct spot addr_spot(const struct conf_reservation *reservation, char *text)
{
	return (struct spot){reservation->address_line, "address",
			     ip_addr_format(&reservation->address, text)};
}

static struct spot label_spot(const struct conf_reservation *reservation, char *text)
{
	(void)text;
	return (struct spot){reservation->name_line, "name",
			     *reservation->name ? reservation->name : NULL};
}

/* What no two reservations have in common. */
static const struct {
	int (*compare)(const void *a, const void *b);
	struct spot (*spot)(const struct conf_reservation *reservation, char *text);
} unique[] = {{compare_macs, mac_spot}, {compare_addrs, addr_spot}, {compare_labels, label_spot}};

static void check_unique(const struct conf *conf, struct report *report)
{
	_free_ const struct conf_reservation **sorted =
		alloc_array(NULL, conf->n_reservations, sizeof(*sorted));
	char text[IP_TEXT_MAX], other[IP_TEXT_MAX];

	for (size_t i = 0; i < conf->n_reservations; i++)
		sorted[i] = &conf->reservations[i];
	for (size_t k = 0; k < ARRAY_SIZE(unique); k++) {
		qsort(sorted, conf->n_reservations, sizeof(*sorted), unique[k].compare);
		for (size_t i = 1; i < conf->n_reservations && !report_full(report); i++) {
			struct spot a = unique[k].spot(sorted[i - 1], other);
			struct spot b = unique[k].spot(sorted[i], text);
			bool later = b.line >= a.line;

			/* One without a name has nothing in common with another without. */
			if (unique[k].compare(&sorted[i - 1], &sorted[i]) || !b.word)
				continue;
			report_add(report, later ? b : a,
				   "reserved twice, also on line %u; each has its own",
				   later ? a.line : b.line);
		}
	}
}

static bool is_name_of(const char *domain, const struct conf_reservation *reservation,
		       const struct conf_dhcp *dhcp)
{
	size_t length = strlen(reservation->name);

	return !strncmp(domain, reservation->name, length) && domain[length] == '.' &&
	       !strcmp(domain + length + 1, dhcp->domain);
}

static bool has_addr(const struct conf_rewrite *rewrite, const struct ip_addr *addr)
{
	for (size_t i = 0; i < rewrite->n_addrs; i++) {
		if (ip_addr_equal(&rewrite->addrs[i], addr))
			return true;
	}
	return false;
}

/* The name of another machine. That one and the same has it twice is no fault. */
static void check_name(const struct conf *conf, const struct conf_reservation *reservation,
		       struct report *report)
{
	const struct conf_dhcp *dhcp = &conf->dhcp[reservation->dhcp];
	struct spot spot = {reservation->name_line, "name", reservation->name};

	for (size_t i = 0; i < conf->n_services; i++) {
		const struct conf_service *service = &conf->services[i];

		if (service->has_host && ip_addr_equal(&service->host, &reservation->address))
			continue;
		for (size_t k = 0; k < service->n_domains; k++) {
			if (is_name_of(service->domains[k], reservation, dhcp))
				report_add(
					report, spot,
					"with %s behind it a name of service %s on line %u; another one",
					dhcp->domain, service->name, service->line);
		}
	}
	for (size_t i = 0; i < conf->n_rewrites; i++) {
		const struct conf_rewrite *rewrite = &conf->rewrites[i];

		if (is_name_of(rewrite->domain, reservation, dhcp) &&
		    !has_addr(rewrite, &reservation->address))
			report_add(
				report, spot,
				"with %s behind it answered by dns.rewrites on line %u; another one",
				dhcp->domain, rewrite->line);
	}
}

static void check_reservation(const struct conf *conf, const struct conf_reservation *reservation,
			      struct report *report)
{
	const struct conf_dhcp *dhcp = &conf->dhcp[reservation->dhcp];
	char text[IP_TEXT_MAX];
	struct spot spot = addr_spot(reservation, text);

	if (check_inside(lan_of(conf, dhcp), &reservation->address, spot, report) &&
	    dhcp->has_gateway && ip_addr_equal(&dhcp->gateway, &reservation->address))
		report_add(report, spot, "the gateway's (line %u); another one",
			   dhcp->gateway_line);
	if (*reservation->name)
		check_name(conf, reservation, report);
}

void conf_check_dhcp(const struct conf *conf, struct report *report)
{
	for (size_t i = 0; i < conf->n_dhcp; i++) {
		check_interface(conf, i, report);
		check_range(conf, &conf->dhcp[i], report);
		check_ranges(conf, i, report);
	}
	check_unique(conf, report);
	for (size_t i = 0; i < conf->n_reservations && !report_full(report); i++) {
		if (conf->reservations[i].dhcp != CONF_ANY_DHCP)
			check_reservation(conf, &conf->reservations[i], report);
	}
}
