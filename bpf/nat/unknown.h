/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Protocols of which only the number is known: tunnels (GRE, ESP, IP in IP), SCTP and whatever else. There is no port to tell hosts apart
 * by, so one internal host at a time has each of them towards one destination: its session has ports 0, and the tuple of the
 * answers, which can stand in the table once only, is the claim. Who comes second is told that it may not; passing it on
 * untranslated would show a private address outside, and giving it the same tuple would give it the other one's answers.
 */
#pragma once

#include "hit.h"

/*
 * Whether the source address may change under the protocol. Not where a checksum or a signature that we cannot mend covers it: the
 * receiver would drop the packet, and nobody would know why. Nor where it means one link only.
 */
static inline int nat_unknown_fits(__u8 proto)
{
	switch (proto) {
	case 2: /* IGMP: of one link */
	case 33: /* DCCP, RFC 4340 section 9.1: a pseudo-header */
	case 51: /* AH, RFC 4302 section 3.3.3: the signature covers both addresses */
	case 58: /* ICMPv6, which has no business over IPv4 */
	case 112: /* VRRP: of one link */
	case 136: /* UDP-Lite, RFC 3828 section 3.1: a pseudo-header */
	case 139: /* HIP, RFC 7401 section 5.1.1: a pseudo-header */
		return 0;
	}
	return 1;
}

/* From a LAN by WAN. The caller has seen to it that there is a public address. */
static NAT_INLINE int nat_unknown_outgoing(struct nat_ctx *c)
{
	int ret;

	if (!nat_unknown_fits(c->in.proto))
		return nat_refuse(c, HP_DROP_PROTOCOL, NAT_SAY_PROHIBITED);
	nat_draft4(c, HP_KIND_OUTGOING, HP_SIDE_WAN);
	c->draft.v4.xlat.saddr = c->settings.wan_addr;
	ret = nat_session_create(c, 0);
	if (ret == HP_DROP_CLASH)
		return nat_refuse(c, ret, NAT_SAY_PROHIBITED);
	return ret ? nat_not_opened(c, ret) : nat_send_first(c);
}
