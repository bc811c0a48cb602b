/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Sends a translated packet on its way. It is never given to the stack: there it would be a martian, or invalid to conntrack.
 *
 * The next hop is asked for each packet and bpf_redirect_neigh() is told it: the kernel then queues and resolves without loss, and
 * follows a changed MAC or route whether the daemon lives or not.
 */
#pragma once

#include "parse.h"

enum send_result { SEND_OK = 0, SEND_NO_ROUTE, SEND_TOO_BIG };

/*
 * Asks the route for the packet in @skb from fib->ipv4_src to fib->ipv4_dst; the answer is in fib->ifindex and
 * where send_to() looks for the next hop, and fib->mtu_result with SEND_TOO_BIG. @flags: BPF_FIB_LOOKUP_DIRECT asks the main table alone.
 */
static __attribute__((noinline)) int send_route(struct __sk_buff *skb, struct nat_ctx *c,
						struct bpf_fib_lookup *fib, __u32 octets,
						__u32 flags)
{
	long ret;

	fib->family = 2; /* AF_INET */
	fib->l4_protocol = c->in.proto;
	fib->tos = c->in.tos;
	fib->ifindex = c->in.ifindex;
	/* For rules of routing that ask for ports, as whoever exempts a server from a proxy writes them; the packet itself is not asked. */
	fib->sport = c->in.flow4.sport;
	fib->dport = c->in.flow4.dport;
	/*
	 * Asked with a length, the kernel compares it with the route's MTU. Asked with 0 it takes the packet itself, but only if the
	 * neighbour is known already, against the device alone, and four octets too kindly.
	 */
	fib->tot_len = (__u16)octets;
	ret = bpf_fib_lookup(skb, fib, sizeof(*fib), flags);
	if (ret == BPF_FIB_LKUP_RET_FRAG_NEEDED)
		return SEND_TOO_BIG;
	if (ret != BPF_FIB_LKUP_RET_SUCCESS && ret != BPF_FIB_LKUP_RET_NO_NEIGH)
		return SEND_NO_ROUTE;
	return SEND_OK;
}

/* The kernel's mark of a packet that is cut where its parts were put together: SCTP, which does not cut its chunks. */
#define SEND_GSO_BY_FRAGS 0xffff
#define SEND_SCTP_OCTETS 12

/* Only the kernel sees how long the parts are, but SCTP fills them all but evenly: the larger ones are as long as the average, or a little longer. */
static inline __u32 send_octets_by_frags(struct __sk_buff *skb, const struct parse_layout *at)
{
	__u32 headers = at->l4 + SEND_SCTP_OCTETS, parts = skb->gso_segs;
	__u32 chunks = skb->len > headers ? skb->len - headers : 0;

	return headers - at->l3 + (parts ? (chunks + parts - 1) / parts : chunks);
}

/* The IP length of the largest packet that this one becomes on the wire. */
static inline __u32 send_octets(struct __sk_buff *skb, const struct nat_ctx *c,
				const struct parse_layout *at)
{
	__u32 header = sizeof(struct udphdr);
	__u8 offset = 0;

	if (!skb->gso_size)
		return at->l3_octets;
	if (skb->gso_size == SEND_GSO_BY_FRAGS)
		return send_octets_by_frags(skb, at);
	if (c->in.proto == IPPROTO_TCP &&
	    !bpf_skb_load_bytes(skb, at->l4 + 12, &offset, sizeof(offset)))
		header = (offset >> 4) * 4u;
	return at->l4 - at->l3 + header + skb->gso_size;
}

/*
 * From a device without an Ethernet header to one that has it: bpf_redirect_neigh() fills in a header, but makes no room for it, and a
 * packet without that room vanishes. To be called last: nothing stands where @at says after it. 0 or -1.
 */
static __always_inline int send_prepare(struct __sk_buff *skb, struct nat_ctx *c,
					const struct parse_layout *at, __u32 ifindex)
{
	if (at->l3 || nat_link_no_ethernet(c, ifindex))
		return 0;
	return (int)bpf_skb_change_head(skb, ETH_HLEN, 0);
}

/* The packet is complete: out as @fib answered. Its next hop may have an IPv6 address (RFC 8950), which the family then says. Returns the tc verdict. */
static __always_inline int send_to(struct __sk_buff *skb, struct nat_ctx *c,
				   const struct bpf_fib_lookup *fib)
{
	struct bpf_redir_neigh hop = {.nh_family = fib->family};
	__u32 ifindex = fib->ifindex;

	_Static_assert(sizeof(hop.ipv6_nh) == sizeof(fib->ipv6_dst), "either family's address");
	__builtin_memcpy(hop.ipv6_nh, fib->ipv6_dst, sizeof(hop.ipv6_nh));
	skb->mark = (skb->mark & ~(MARK_ADMITTED | MARK_SENT)) |
		    (ifindex == c->settings.wan_ifindex ? MARK_SENT : 0);
	/* Nobody to be found by an address; and the kernel takes the Ethernet header off, if there is one. */
	if (nat_link_no_ethernet(c, ifindex))
		return (int)bpf_redirect(ifindex, 0);
	return (int)bpf_redirect_neigh(ifindex, &hop, sizeof(hop), 0);
}
