/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The noted way (way.h) in tc: the headers are read and written where they stand, and no route and no neighbour is asked.
 *
 * The transport's checksum alone is the helper's to change, since only the kernel knows whether it is complete or partial.
 */
#pragma once

#include <linux/pkt_cls.h>

#include "count.h"
#include "plain.h"

/* What short_way() answers in the place of a verdict. */
#define SHORT_NOT_TAKEN (-2)

/* Reads the packet into *p; 0 if it is not plain. */
static __always_inline int short_read(const struct __sk_buff *skb, struct way_packet *p)
{
	__u32 header =
		plain_read(p, (void *)(long)skb->data, (void *)(long)skb->data_end, skb->len);

	if (header && skb->gso_size)
		p->octets = sizeof(struct iphdr) + header + skb->gso_size;
	return header != 0;
}

/* Before anything is written, as the helper may move the packet. 0 or -1. */
static __always_inline int short_checksum(struct __sk_buff *skb, const struct way_packet *p,
					  __u64 address_diff)
{
	__u32 udp = p->proto == IPPROTO_UDP ? BPF_F_MARK_MANGLED_0 : 0;
	__u32 check = ETH_HLEN + sizeof(struct iphdr) +
		      (udp ? offsetof(struct udphdr, check) : offsetof(struct tcphdr, check));

	if (bpf_l4_csum_replace(skb, check, 0, plain_fold(address_diff), BPF_F_PSEUDO_HDR | udp))
		return -1;
	if (p->tuple.ports == p->out.ports)
		return 0;
	return (int)bpf_l4_csum_replace(skb, check, 0, plain_fold(plain_port_diff(p)), udp);
}

/* 0, or -1 with the packet spoilt. */
static __always_inline int short_write(struct __sk_buff *skb, const struct way_packet *p,
				       const struct hp_link *out)
{
	__u64 diff = plain_address_diff(p);
	struct plain_ether *eth;

	if (short_checksum(skb, p, diff))
		return -1;
	eth = (void *)(long)skb->data;
	if ((void *)eth + PLAIN_UDP_OCTETS > (void *)(long)skb->data_end)
		return -1;
	plain_write(eth, p, out, diff);
	return 0;
}

/* A verdict, or SHORT_NOT_TAKEN with nothing changed. Not inlined: its stack would be that of the whole long way too (test old_kernels). */
static __noinline int short_way(struct __sk_buff *skb, __u8 side)
{
	const struct hp_link *in = way_link(skb->ifindex), *out;
	struct way_packet p = {.side = side};

	if (!in || !short_read(skb, &p))
		return SHORT_NOT_TAKEN;
	p.in = (__u16)HP_LINK_PLACE(in->ifindex);
	if (!way_take(&p))
		return SHORT_NOT_TAKEN;
	out = way_link_at(p.link);
	if (!out || !out->ifindex)
		return SHORT_NOT_TAKEN;
	if (short_write(skb, &p, out)) {
		count(HP_DROP_REWRITE);
		return TC_ACT_SHOT;
	}
	count(p.reason);
	skb->mark = (skb->mark & ~(MARK_ADMITTED | MARK_SENT)) |
		    (out->side == HP_SIDE_WAN ? MARK_SENT : 0);
	return (int)bpf_redirect(out->ifindex, 0);
}
