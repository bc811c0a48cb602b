/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The noted way (way.h) in XDP, before the kernel has made anything of the frame. On a bridge's port it comes before the bridge, whose address the frame bears.
 *
 * What it does not take it passes on untouched, and tc does the rest; so a frame is judged once and never half.
 */
#pragma once

#include "count.h"
#include "plain.h"

/* The sum of what stands before a transport of @octets (RFC 768, RFC 9293). */
static __always_inline __u16 fast_pseudo_sum(const struct plain_headers *at, __u32 octets)
{
	return plain_fold((__u64)at->ip.saddr + at->ip.daddr + bpf_htons(at->ip.protocol) +
			  bpf_htons((__u16)octets));
}

/*
 * A peer on the same machine leaves the sum to a device that there is not (veth): all that stands in its place is the one of the pseudo-header. One complete sum
 * in 65535 looks the same, and takes tc's way, where it is right as well.
 */
static __always_inline int fast_is_partial(const struct plain_headers *at, __u16 check)
{
	return check == fast_pseudo_sum(at, bpf_ntohs(at->ip.tot_len) - sizeof(struct iphdr));
}

/* Complete sums alone come here. One of UDP that becomes 0 is sent as 0xffff. */
static __always_inline __u16 fast_sum(const struct way_packet *p, __u16 check, __u64 address_diff)
{
	__u16 sum = plain_sum(check, address_diff + plain_port_diff(p));

	return p->proto == IPPROTO_UDP && !sum ? 0xffff : sum;
}

static __always_inline int fast_is_to_us(const struct plain_ether *eth, const struct hp_link *link)
{
	const __u16 *us = plain_mac(link);

	return !((eth->dest[0] ^ us[0]) | (eth->dest[1] ^ us[1]) | (eth->dest[2] ^ us[2]));
}

/*
 * Where the transport's sum stands; NULL where it cannot be seen, or is partial. UDP without one may carry a tunnel whose inner packet has the partial one, which
 * nothing here could tell: tc's.
 */
static __always_inline __sum16 *fast_check(struct plain_headers *at, const void *end)
{
	__sum16 *check = &at->udp.check;

	if (at->ip.protocol == IPPROTO_TCP) {
		if ((void *)at + PLAIN_TCP_OCTETS - ETH_HLEN > end)
			return NULL;
		check = &at->tcp.check;
	} else if (!*check) {
		return NULL;
	}
	return fast_is_partial(at, *check) ? NULL : check;
}

static __always_inline int fast_way(struct xdp_md *ctx)
{
	const struct hp_link *in = way_link(ctx->ingress_ifindex), *out;
	struct plain_ether *eth = (void *)(long)ctx->data;
	const void *end = (void *)(long)ctx->data_end;
	struct way_packet p = {.xdp = 1};
	__sum16 *check;
	__u64 diff;

	if (!in || !plain_read(&p, eth, end, (__u32)(end - (void *)eth)) || !fast_is_to_us(eth, in))
		return XDP_PASS;
	check = fast_check(plain_headers(eth), end);
	p.side = in->side;
	p.in = (__u16)HP_LINK_PLACE(in->bridge ? in->bridge : in->ifindex);
	if (!check || !way_take(&p))
		return XDP_PASS;
	out = way_link_at(p.link);
	if (!out || !out->ifindex)
		return XDP_PASS;
	diff = plain_address_diff(&p);
	*check = fast_sum(&p, *check, diff);
	plain_write(eth, &p, out, diff);
	count(p.reason);
	return (int)bpf_redirect_map(&hp_out, p.port, XDP_DROP);
}
