// SPDX-License-Identifier: GPL-2.0-or-later
#include "config.h"

#include <arpa/inet.h>
#include <string.h>

/* The longest line that dnsmasq reads is 1024 characters; what is longer here would be cut (the tests measure the longest of each). */

/*
 * dnsmasq knows the form of some options and takes no other for them (its opttab): addresses by their notation, texts as they are. For all others
 * octets in hexadecimal are taken as octets.
 */
static const __u8 texts[] = {17, 18, 40, 64, 66, 67, 100, 101};

static bool is_text(__u8 code)
{
	for (size_t i = 0; i < sizeof(texts); i++) {
		if (texts[i] == code)
			return true;
	}
	return false;
}

static void add_addr(struct strbuf *out, const struct ip_addr *addr)
{
	char text[IP_TEXT_MAX];

	strbuf_add(out, "%s", ip_addr_format(addr, text));
}

static void add_option(struct strbuf *out, size_t index, const char *name)
{
	strbuf_add(out, "dhcp-option=tag:seg%zu,%s", index, name);
}

/* In quotes dnsmasq leaves all as it is but these two. */
static void add_quoted(struct strbuf *out, const struct plan_dhcp_option *option)
{
	strbuf_add(out, "\"");
	for (size_t i = 0; i < option->n_octets; i++)
		strbuf_add(out, "%s%c",
			   option->octets[i] == '"' || option->octets[i] == '\\' ? "\\" : "",
			   option->octets[i]);
	strbuf_add(out, "\"");
}

static void add_octets(struct strbuf *out, const struct plan_dhcp_option *option)
{
	/* One pair of digits is read as a decimal number; "b" says how long it is. */
	if (option->n_octets == 1) {
		strbuf_add(out, "%ub", option->octets[0]);
		return;
	}
	for (size_t i = 0; i < option->n_octets; i++)
		strbuf_add(out, "%s%02x", i ? ":" : "", option->octets[i]);
}

static void add_addrs(struct strbuf *out, const struct plan_dhcp_option *option)
{
	for (size_t i = 0; i < option->n_octets; i++)
		strbuf_add(out, "%s%u", !i ? "" : i % 4 ? "." : ",", option->octets[i]);
}

static void write_options(struct strbuf *out, const struct plan_segment *segment, size_t index)
{
	for (size_t i = 0; i < segment->n_options; i++) {
		const struct plan_dhcp_option *option = &segment->options[i];

		strbuf_add(out, "dhcp-option=tag:seg%zu,%u,", index, option->code);
		if (is_text(option->code))
			add_quoted(out, option);
		else if (option->is_addrs)
			add_addrs(out, option);
		else
			add_octets(out, option);
		strbuf_add(out, "\n");
	}
}

/*
 * With port=0 dnsmasq does not name itself as DNS server: who is, is said. Without one, "option 6" by itself keeps it from
 * falling back to anything.
 */
static void write_v4(struct strbuf *out, const struct plan_segment *segment, size_t index)
{
	char net[IP_TEXT_MAX];
	__u32 mask = 0xffffffffu << (32 - segment->net.length);
	struct ip_addr netmask = ip_addr_from_v4(htonl(mask));

	strbuf_add(out, "dhcp-range=set:seg%zu,", index);
	add_addr(out, &segment->first);
	strbuf_add(out, ",");
	add_addr(out, &segment->last);
	strbuf_add(out, ",");
	add_addr(out, &netmask);
	strbuf_add(out, ",%u\n", segment->lease_s);
	add_option(out, index, "option:router,");
	add_addr(out, &segment->gateway);
	strbuf_add(out, "\n");
	add_option(out, index, "option:dns-server");
	for (size_t i = 0; i < segment->n_dns; i++) {
		strbuf_add(out, ",");
		add_addr(out, &segment->dns[i]);
	}
	strbuf_add(out, "\n");
	add_option(out, index, "option:domain-name,");
	strbuf_add(out, "%s\n", segment->domain);
	add_option(out, index, "option:domain-search,");
	strbuf_add(out, "%s\n", segment->domain);
	strbuf_add(out, "domain=%s,%s\n", segment->domain, ip_net_format(&segment->net, net));
}

/* Prefixes are dnsmasq's to follow: it says those that the interface has at the time, and says so when one goes. */
static void write_v6(struct strbuf *out, const struct plan_segment *segment, size_t index)
{
	if (!segment->ra)
		return;
	strbuf_add(out, "dhcp-range=set:seg%zu,::,constructor:%s,ra-stateless,64,%u\n", index,
		   segment->interface, segment->lease_s);
	if (!segment->is_router6)
		strbuf_add(out, "ra-param=%s,0,0\n", segment->interface);
	if (segment->n_dns6)
		add_option(out, index, "option6:dns-server");
	for (size_t i = 0; i < segment->n_dns6; i++) {
		strbuf_add(out, ",[");
		add_addr(out, &segment->dns6[i]);
		strbuf_add(out, "]");
	}
	strbuf_add(out, segment->n_dns6 ? "\n" : "");
	add_option(out, index, "option6:domain-search,");
	strbuf_add(out, "%s\n", segment->domain);
}

static void write_reservations(struct strbuf *out, const struct plan_segment *segment)
{
	for (size_t i = 0; i < segment->n_reservations; i++) {
		const struct plan_reservation *one = &segment->reservations[i];
		const __u8 *mac = one->mac;

		strbuf_add(out, "dhcp-host=%02x:%02x:%02x:%02x:%02x:%02x,", mac[0], mac[1], mac[2],
			   mac[3], mac[4], mac[5]);
		add_addr(out, &one->addr);
		strbuf_add(out, "%s%s\n", *one->name ? "," : "", one->name);
	}
}

/* Leases that dnsmasq holds at one time: as many as there are addresses. */
static size_t count_addrs(const struct plan_dhcp *dhcp)
{
	size_t n = 0;

	for (size_t i = 0; i < dhcp->n_segments; i++) {
		const struct plan_segment *segment = &dhcp->segments[i];

		n += ntohl(ip_addr_v4(&segment->last)) - ntohl(ip_addr_v4(&segment->first)) + 1;
		n += segment->n_reservations;
	}
	return n;
}

void dhcp_config_write(const struct plan_dhcp *dhcp, const char *leases, struct strbuf *out)
{
	bool has_ra = false;

	strbuf_add(out,
		   "port=0\n"
		   "no-resolv\n"
		   "no-hosts\n"
		   "user=root\n" /* who starts it is somebody else, and stays that */
		   "pid-file=\n"
		   "keep-in-foreground\n"
		   "log-facility=-\n"
		   "quiet-dhcp\n"
		   "quiet-dhcp6\n"
		   "quiet-ra\n"
		   "bind-dynamic\n"
		   "except-interface=lo\n"
		   "dhcp-authoritative\n"
		   "dhcp-leasefile=%s\n"
		   "dhcp-lease-max=%zu\n",
		   leases, count_addrs(dhcp));
	for (size_t i = 0; i < dhcp->n_segments; i++) {
		const struct plan_segment *segment = &dhcp->segments[i];

		/* The number makes a change of what is else the same text. */
		strbuf_add(out, "\n# device %u\ninterface=%s\n", segment->ifindex,
			   segment->interface);
		write_v4(out, segment, i);
		write_options(out, segment, i);
		write_v6(out, segment, i);
		write_reservations(out, segment);
		has_ra = has_ra || segment->ra;
	}
	if (has_ra)
		strbuf_add(out, "\nenable-ra\n");
}
