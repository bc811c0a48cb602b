// SPDX-License-Identifier: GPL-2.0-or-later
/* The keys of dhcp. */
#include "schema_parts.h"

#include <string.h>

#include "alloc.h"
#include "conf.h"

_Static_assert(sizeof(enum conf_ra) == sizeof(int), "SCHEMA_WORD stores an int");
_Static_assert(offsetof(struct conf_dhcp, last) ==
		       offsetof(struct conf_dhcp, first) + sizeof(struct ip_addr),
	       "SCHEMA_ADDR_RANGE stores two addresses");

static void *dhcp_add(struct conf *conf)
{
	size_t n = conf->n_dhcp++;

	if ((n & (n - 1)) == 0)
		conf->dhcp = alloc_array(conf->dhcp, n ? 2 * n : 1, sizeof(*conf->dhcp));
	return memset(&conf->dhcp[n], 0, sizeof(conf->dhcp[n]));
}

static size_t dhcp_count(const struct conf *conf)
{
	return conf->n_dhcp;
}

static const void *dhcp_at(const struct conf *conf, size_t i)
{
	return &conf->dhcp[i];
}

/* Below the item of `dhcp` that is being read, which is the last. */
static void *reservation_add(struct conf *conf)
{
	size_t n = conf->n_reservations++;
	struct conf_reservation *reservation;

	if ((n & (n - 1)) == 0)
		conf->reservations =
			alloc_array(conf->reservations, n ? 2 * n : 1, sizeof(*conf->reservations));
	reservation = memset(&conf->reservations[n], 0, sizeof(*reservation));
	reservation->dhcp = conf->n_dhcp - 1;
	return reservation;
}

static size_t reservation_count(const struct conf *conf)
{
	return conf->n_reservations;
}

static const void *reservation_at(const struct conf *conf, size_t i)
{
	return &conf->reservations[i];
}

static bool reservation_is_in(const struct conf *conf, size_t i, const void *object)
{
	size_t dhcp = conf->reservations[i].dhcp;

	return dhcp != CONF_ANY_DHCP && &conf->dhcp[dhcp] == object;
}

const struct schema_list schema_dhcp_list = {
	.limit = LIMIT_LANS, .add = dhcp_add, .count = dhcp_count, .at = dhcp_at};
static const struct schema_list reservation_list = {.limit = LIMIT_RESERVATIONS,
						    .add = reservation_add,
						    .count = reservation_count,
						    .at = reservation_at,
						    .is_in = reservation_is_in};

static const struct schema_value ra_values[] = {
	{.word = "auto",
	 .value = CONF_RA_AUTO,
	 .doc = "where the segment has a global or unique local IPv6 prefix of 64 bits"},
	{.word = "off", .value = CONF_RA_OFF, .doc = "never; another machine may do it"},
	{0}};

static const struct schema_row rows[] = {
	{.section = "dhcp",
	 .key = "interface",
	 .type = SCHEMA_INTERFACE,
	 .required = true,
	 .example = "br-lan",
	 AT(struct conf_dhcp, interface),
	 LINE(struct conf_dhcp, line),
	 .doc = "The segment, one of `lan`."},
	{.section = "dhcp",
	 .key = "range",
	 .type = SCHEMA_ADDR_RANGE,
	 .required = true,
	 .example = "192.168.11.100-192.168.11.199",
	 AT(struct conf_dhcp, first),
	 LINE(struct conf_dhcp, range_line),
	 .doc = "The addresses that are leased to whoever asks."},
	{.section = "dhcp",
	 .key = "lease",
	 .type = SCHEMA_DURATION,
	 .min = DHCP_LEASE_MIN_S,
	 .max = DHCP_LEASE_MAX_S,
	 .fallback = "12h",
	 AT(struct conf_dhcp, lease_s),
	 .doc = "For how long."},
	{.section = "dhcp",
	 .key = "gateway",
	 .type = SCHEMA_ADDR4,
	 .example = "192.168.11.2",
	 AT(struct conf_dhcp, gateway),
	 HAS(struct conf_dhcp, has_gateway),
	 LINE(struct conf_dhcp, gateway_line),
	 .doc = "The default gateway that clients are told; our own address without it."},
	{.section = "dhcp",
	 .key = "dns",
	 .type = SCHEMA_DHCP_DNS,
	 .max = LIMIT_DHCP_DNS,
	 .example = "[192.168.11.2]",
	 LINE(struct conf_dhcp, dns_line),
	 .doc = "More DNS servers that clients are told, behind ours."},
	{.section = "dhcp",
	 .key = "domain",
	 .type = SCHEMA_DOMAIN,
	 .fallback = "home.arpa",
	 AT(struct conf_dhcp, domain),
	 .doc = "The domain that hosts of the segment have their names in, and search; where we answer DNS, no other name below it exists for them."},
	{.section = "dhcp",
	 .key = "reservations",
	 .type = SCHEMA_SECTIONS,
	 .max = LIMIT_RESERVATIONS,
	 .example = "[{ mac: \"52:54:00:12:34:56\", address: 192.168.11.30 }]",
	 .list = &reservation_list,
	 .doc = "Hosts that always get the same address."},
	{.section = "dhcp",
	 .key = "options",
	 .type = SCHEMA_DHCP_OPTIONS,
	 .max = LIMIT_DHCP_OPTIONS,
	 .example = "[\"42 ips 192.168.11.1\"]",
	 .doc = "Other options of DHCPv4 by their numbers."},
	{.section = "dhcp",
	 .key = "ra",
	 .type = SCHEMA_WORD,
	 .fallback = "auto",
	 .values = ra_values,
	 AT(struct conf_dhcp, ra),
	 .doc = "Whether IPv6 hosts are told of the segment's prefix and DNS server by router "
		"advertisements."},

	{.section = "dhcp.reservations",
	 .key = "mac",
	 .type = SCHEMA_MAC,
	 .required = true,
	 .example = "\"52:54:00:12:34:56\"",
	 AT(struct conf_reservation, mac),
	 LINE(struct conf_reservation, line),
	 .doc = "The Ethernet address of the host."},
	{.section = "dhcp.reservations",
	 .key = "address",
	 .type = SCHEMA_ADDR4,
	 .required = true,
	 .example = "192.168.11.30",
	 AT(struct conf_reservation, address),
	 LINE(struct conf_reservation, address_line),
	 .doc = "Its address, inside the range or not."},
	{.section = "dhcp.reservations",
	 .key = "name",
	 .type = SCHEMA_LABEL,
	 .example = "nas",
	 AT(struct conf_reservation, name),
	 LINE(struct conf_reservation, name_line),
	 .doc = "Its name, which `domain` follows; no other host gets that name."},
};

const struct schema_part schema_part_dhcp = {rows, ARRAY_SIZE(rows)};
