// SPDX-License-Identifier: GPL-2.0-or-later
#include "echo.h"

#include <string.h>

#include <hairpin/limits.h>

#include "octets.h"

#define IP_AT 14
#define IP_BYTES 20
#define ICMP_AT (IP_AT + IP_BYTES)
#define ICMP_BYTES (ECHO_FRAME_BYTES - ICMP_AT)
#define IP_LENGTH (ECHO_FRAME_BYTES - IP_AT)

#define TYPE_REPLY 0
#define TYPE_REQUEST 8
#define PROTOCOL_ICMP 1
/* Of ping(8) on most systems. */
#define TTL 64

void echo_request_write(const struct echo *ask, __u8 frame[ECHO_FRAME_BYTES])
{
	__u8 *ip = frame + IP_AT, *icmp = frame + ICMP_AT;

	memset(frame, 0, ECHO_FRAME_BYTES);
	memcpy(frame, ask->to_mac, 6);
	memcpy(frame + 6, ask->from_mac, 6);
	octets_put16(frame + 12, 0x0800);
	ip[0] = 0x45;
	octets_put16(ip + 2, IP_LENGTH);
	octets_put16(ip + 6, 0x4000); /* not to be cut: its answer is one frame */
	ip[8] = TTL;
	ip[9] = PROTOCOL_ICMP;
	memcpy(ip + 12, &ask->from, 4);
	memcpy(ip + 16, &ask->to, 4);
	octets_put16(ip + 10, octets_checksum(ip, IP_BYTES));
	icmp[0] = TYPE_REQUEST;
	/* Middleboxes that keep questions apart do it by this number. */
	memcpy(icmp + 4, ask->token, 2);
	memcpy(icmp + 8, ask->token, ECHO_TOKEN_BYTES);
	octets_put16(icmp + 2, octets_checksum(icmp, ICMP_BYTES));
}

static bool is_whole_ip(const __u8 *ip)
{
	/* Options, or a piece of something: not what a question of ours is answered with. */
	return ip[0] == 0x45 && octets_get16(ip + 2) == IP_LENGTH &&
	       !(octets_get16(ip + 6) & 0x3fff) && ip[9] == PROTOCOL_ICMP &&
	       !octets_checksum(ip, IP_BYTES);
}

bool echo_reply_read(const __u8 *frame, size_t length, struct echo *ret_reply)
{
	const __u8 *ip = frame + IP_AT, *icmp = frame + ICMP_AT;

	if (length < ECHO_FRAME_BYTES || octets_get16(frame + 12) != 0x0800 || !is_whole_ip(ip))
		return false;
	if (icmp[0] != TYPE_REPLY || icmp[1] || octets_checksum(icmp, ICMP_BYTES))
		return false;
	memcpy(ret_reply->to_mac, frame, 6);
	memcpy(ret_reply->from_mac, frame + 6, 6);
	memcpy(&ret_reply->from, ip + 12, 4);
	memcpy(&ret_reply->to, ip + 16, 4);
	memcpy(ret_reply->token, icmp + 8, ECHO_TOKEN_BYTES);
	return true;
}
