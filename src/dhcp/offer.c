// SPDX-License-Identifier: GPL-2.0-or-later
#include "offer.h"

#include <arpa/inet.h>
#include <string.h>

#include "cleanup.h"
#include "octets.h"

/* Where things are: RFC 791, 768 and 951. */
#define ETHERNET 14
#define IP_MIN 20
#define UDP 8
#define BOOTP 236 /* up to the cookie */
#define COOKIE 4

#define AT_XID 4
#define AT_FLAGS 10
#define AT_YIADDR 16
#define AT_CHADDR 28

#define PORT_SERVER 67
#define PORT_CLIENT 68

enum { OP_REQUEST = 1, OP_REPLY = 2, HARDWARE_ETHERNET = 1 };
enum { TYPE_DISCOVER = 1, TYPE_OFFER = 2 };
enum {
	OPTION_PAD = 0,
	OPTION_ROUTER = 3,
	OPTION_DNS = 6,
	OPTION_TYPE = 53,
	OPTION_SERVER = 54,
	OPTION_WANTED = 55,
	OPTION_END = 255,
};

static const __u8 cookie[COOKIE] = {99, 130, 83, 99};

static struct ip_addr addr_at(const __u8 *at)
{
	return ip_addr_from_v4(htonl(octets_get32(at)));
}

/* --- the question ------------------------------------------------------------------------------ */

static void write_headers(const struct dhcp_ask *ask, __u8 *frame)
{
	__u8 *ip = frame + ETHERNET, *udp = ip + IP_MIN;
	__u16 length = DHCP_DISCOVER_BYTES - ETHERNET;

	memset(frame, 0xff, 6);
	memcpy(frame + 6, ask->mac, 6);
	octets_put16(frame + 12, 0x0800);
	ip[0] = 0x45;
	octets_put16(ip + 2, length);
	ip[8] = 64;
	ip[9] = IPPROTO_UDP;
	memset(ip + 16, 0xff, 4); /* from 0.0.0.0 to all */
	octets_put16(ip + 10, octets_checksum(ip, IP_MIN));
	octets_put16(udp, PORT_CLIENT);
	octets_put16(udp + 2, PORT_SERVER);
	octets_put16(udp + 4, (__u16)(length - IP_MIN)); /* without a checksum, which IPv4 allows */
}

void dhcp_discover_write(const struct dhcp_ask *ask, __u8 frame[DHCP_DISCOVER_BYTES])
{
	static const __u8 options[] = {OPTION_TYPE,   1,	  TYPE_DISCOVER, OPTION_WANTED, 2,
				       OPTION_ROUTER, OPTION_DNS, OPTION_END};
	__u8 *bootp = frame + ETHERNET + IP_MIN + UDP;

	memset(frame, 0, DHCP_DISCOVER_BYTES);
	write_headers(ask, frame);
	bootp[0] = OP_REQUEST;
	bootp[1] = HARDWARE_ETHERNET;
	bootp[2] = 6;
	octets_put32(bootp + AT_XID, ask->id);
	octets_put16(bootp + AT_FLAGS, 0x8000);
	memcpy(bootp + AT_CHADDR, ask->mac, 6);
	memcpy(bootp + BOOTP, cookie, COOKIE);
	memcpy(bootp + BOOTP + COOKIE, options, sizeof(options));
}

/* --- the answer -------------------------------------------------------------------------------- */

/* Octets of somebody else's that are still to be looked at. */
struct octets {
	const __u8 *at;
	size_t n;
};

/* The next @n of them, or NULL where there are not as many. */
static const __u8 *take(struct octets *octets, size_t n)
{
	const __u8 *at = octets->at;

	if (n > octets->n)
		return NULL;
	octets->at += n;
	octets->n -= n;
	return at;
}

/* The datagram of a frame from a server's port to a client's; *@octets are cut down to it. */
static bool strip_headers(struct octets *octets, struct dhcp_offer *offer)
{
	const __u8 *ethernet = take(octets, ETHERNET), *ip, *udp;
	size_t header, length;

	if (!ethernet || octets_get16(ethernet + 12) != 0x0800 || octets->n < IP_MIN)
		return false;
	ip = octets->at;
	header = (size_t)(ip[0] & 0xf) * 4;
	length = octets_get16(ip + 2);
	/* A short frame is padded behind the packet; a fragment has no ports, or not all of its options. */
	if (ip[0] >> 4 != 4 || header < IP_MIN || length < header + UDP || length > octets->n ||
	    ip[9] != IPPROTO_UDP || (octets_get16(ip + 6) & 0x3fff))
		return false;
	octets->n = length;
	take(octets, header);
	udp = take(octets, UDP);
	if (octets_get16(udp) != PORT_SERVER || octets_get16(udp + 2) != PORT_CLIENT ||
	    octets_get16(udp + 4) < UDP || octets_get16(udp + 4) > UDP + octets->n)
		return false;
	octets->n = octets_get16(udp + 4) - UDP;
	memcpy(offer->mac, ethernet + 6, 6);
	offer->server = addr_at(ip + 12);
	return true;
}

static void read_dns(struct dhcp_offer *offer, const __u8 *value, size_t length)
{
	for (size_t i = 0; i + 4 <= length && offer->n_dns < DHCP_OFFER_DNS; i += 4)
		offer->dns[offer->n_dns++] = addr_at(value + i);
}

/* Whether the options say that it is an offer. The first of each counts. */
static bool read_options(struct octets octets, struct dhcp_offer *offer)
{
	bool is_offer = false, has_server = false;
	const __u8 *code;

	while ((code = take(&octets, 1)) && *code != OPTION_END) {
		const __u8 *length, *value;

		if (*code == OPTION_PAD)
			continue;
		length = take(&octets, 1);
		value = length ? take(&octets, *length) : NULL;
		if (!value)
			return false;
		if (*code == OPTION_TYPE && *length == 1)
			is_offer = *value == TYPE_OFFER;
		else if (*code == OPTION_SERVER && *length == 4 && !has_server) {
			offer->server = addr_at(value);
			has_server = true;
		} else if (*code == OPTION_ROUTER && *length >= 4 &&
			   ip_addr_is_zero(&offer->router))
			offer->router = addr_at(value);
		else if (*code == OPTION_DNS && !offer->n_dns)
			read_dns(offer, value, *length);
	}
	return is_offer;
}

bool dhcp_offer_read(const struct dhcp_ask *ask, const __u8 *frame, size_t length,
		     struct dhcp_offer *ret_offer)
{
	struct octets octets = {frame, length};
	struct dhcp_offer offer = {0};
	const __u8 *bootp, *magic;

	if (!strip_headers(&octets, &offer))
		return false;
	bootp = take(&octets, BOOTP);
	magic = bootp ? take(&octets, COOKIE) : NULL;
	if (!magic || bootp[0] != OP_REPLY || bootp[1] != HARDWARE_ETHERNET || bootp[2] != 6 ||
	    octets_get32(bootp + AT_XID) != ask->id || memcmp(bootp + AT_CHADDR, ask->mac, 6) ||
	    memcmp(magic, cookie, COOKIE))
		return false;
	offer.addr = addr_at(bootp + AT_YIADDR);
	if (!read_options(octets, &offer))
		return false;
	*ret_offer = offer;
	return true;
}
