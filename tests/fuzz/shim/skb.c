// SPDX-License-Identifier: GPL-2.0-or-later
/* What the kernel does to a packet for a program: net/core/filter.c, as far as the data plane asks for it. */
#include <errno.h>
#include <linux/if_ether.h>
#include <linux/pkt_cls.h>

#include "native/world.h"

#include "bpf/bpf_helpers.h"
#include "shim.h"

static struct shim_skb *shim_of(const void *skb)
{
	return (struct shim_skb *)(uintptr_t)skb;
}

void shim_skb_init(struct shim_skb *s, const struct frame *frame, uint32_t ifindex)
{
	__be16 protocol;

	memset(s, 0, sizeof(*s));
	s->head = s->room + SHIM_HEADROOM;
	memcpy(s->head, frame->octets, frame->length);
	memcpy(&protocol, frame->octets + 2 * ETH_ALEN, sizeof(protocol));
	s->skb.len = (__u32)frame->length;
	s->skb.protocol = protocol;
	s->skb.ifindex = ifindex;
}

void shim_skb_frame(const struct shim_skb *s, struct frame *ret_frame)
{
	ret_frame->length = s->skb.len;
	memcpy(ret_frame->octets, s->head, s->skb.len);
}

/* Where @octets at @offset are, NULL outside the packet. */
static uint8_t *octets_at(const void *skb, __u32 offset, __u32 octets)
{
	struct shim_skb *s = shim_of(skb);

	if (offset > s->skb.len || octets > s->skb.len - offset)
		return NULL;
	return s->head + offset;
}

long bpf_skb_load_bytes(const void *skb, __u32 offset, void *to, __u32 octets)
{
	const uint8_t *from = octets_at(skb, offset, octets);

	/* The verifier wants a length that is never zero. */
	assert_int_not_equal(octets, 0);
	if (!from) {
		memset(to, 0, octets);
		return -EFAULT;
	}
	memcpy(to, from, octets);
	return 0;
}

long bpf_skb_store_bytes(struct __sk_buff *skb, __u32 offset, const void *from, __u32 octets,
			 __u64 flags)
{
	uint8_t *to = octets_at(skb, offset, octets);

	if (flags & ~(__u64)(BPF_F_RECOMPUTE_CSUM | BPF_F_INVALIDATE_HASH))
		return -EINVAL;
	assert_int_not_equal(octets, 0);
	if (!to)
		return -EFAULT;
	memcpy(to, from, octets);
	return 0;
}

long bpf_skb_pull_data(struct __sk_buff *skb, __u32 octets)
{
	return octets > skb->len ? -ENOMEM : 0;
}

long bpf_skb_change_tail(struct __sk_buff *skb, __u32 octets, __u64 flags)
{
	struct shim_skb *s = shim_of(skb);

	if (flags || octets < FRAME_L3 ||
	    octets > FRAME_MAX - (size_t)(s->head - s->room - SHIM_HEADROOM))
		return -EINVAL;
	if (octets > skb->len)
		memset(s->head + skb->len, 0, octets - skb->len);
	skb->len = octets;
	/* As skb_gso_reset() and skb_checksum_help(): what was cut is one packet, and its sum is nobody's. */
	skb->gso_size = 0;
	s->partial = false;
	return 0;
}

static long push(struct shim_skb *s, __u32 octets)
{
	if (octets > (size_t)(s->head - s->room))
		return -ENOMEM;
	s->head -= octets;
	s->skb.len += octets;
	return 0;
}

long bpf_skb_change_head(struct __sk_buff *skb, __u32 octets, __u64 flags)
{
	struct shim_skb *s = shim_of(skb);

	if (flags || push(s, octets))
		return -EINVAL;
	memset(s->head, 0, octets);
	return 0;
}

long bpf_skb_change_type(struct __sk_buff *skb, __u32 type)
{
	skb->pkt_type = type;
	return 0;
}

/* Behind the Ethernet header, which moves. */
long bpf_skb_adjust_room(struct __sk_buff *skb, __s32 octets, __u32 mode, __u64 flags)
{
	struct shim_skb *s = shim_of(skb);

	if (mode != BPF_ADJ_ROOM_MAC || flags || octets < 0 || push(s, (__u32)octets))
		return -EINVAL;
	memmove(s->head, s->head + octets, FRAME_L3);
	memset(s->head + FRAME_L3, 0, (size_t)octets);
	return 0;
}

/* --- sums ---------------------------------------------------------------------------------------------- */

static __u32 add32(__u32 sum, __u32 word)
{
	sum += word;
	return sum + (sum < word);
}

static __u16 fold(__u32 sum)
{
	sum = (sum & 0xffff) + (sum >> 16);
	return (__u16)((sum & 0xffff) + (sum >> 16));
}

__s64 bpf_csum_diff(__be32 *from, __u32 from_octets, __be32 *to, __u32 to_octets, __u32 seed)
{
	__u32 sum = seed, word;

	if (from_octets % 4 || to_octets % 4)
		return -EINVAL;
	for (__u32 i = 0; i < from_octets; i += 4) {
		memcpy(&word, (uint8_t *)from + i, sizeof(word));
		sum = add32(sum, ~word);
	}
	for (__u32 i = 0; i < to_octets; i += 4) {
		memcpy(&word, (uint8_t *)to + i, sizeof(word));
		sum = add32(sum, word);
	}
	return sum;
}

/* What is to be added for @from becoming @to, by the size in @flags. */
static int diff_of(__u64 from, __u64 to, __u64 flags, __u32 *ret_diff)
{
	switch (flags & BPF_F_HDR_FIELD_MASK) {
	case 0:
		*ret_diff = (__u32)to;
		return from ? -EINVAL : 0;
	case 2:
		*ret_diff = add32((__u16)~from, (__u16)to);
		return 0;
	case 4:
		*ret_diff = add32(~(__u32)from, (__u32)to);
		return 0;
	}
	return -EINVAL;
}

static void replace(uint8_t *at, __u32 diff)
{
	__u16 check;

	memcpy(&check, at, sizeof(check));
	check = (__u16)~fold(add32(diff, (__u16)~check));
	memcpy(at, &check, sizeof(check));
}

long bpf_l3_csum_replace(struct __sk_buff *skb, __u32 offset, __u64 from, __u64 to, __u64 flags)
{
	uint8_t *at = octets_at(skb, offset, 2);
	__u32 diff;

	if (flags & ~(__u64)BPF_F_HDR_FIELD_MASK || diff_of(from, to, flags, &diff))
		return -EINVAL;
	if (offset % 2 || !at)
		return -EFAULT;
	replace(at, diff);
	return 0;
}

/* inet_proto_csum_replace_by_diff(): a partial checksum holds the pseudo-header only, and not as a complement. */
static void replace_partial(uint8_t *at, __u32 diff)
{
	__u16 check;

	memcpy(&check, at, sizeof(check));
	check = fold(add32(diff, check));
	memcpy(at, &check, sizeof(check));
}

long bpf_l4_csum_replace(struct __sk_buff *skb, __u32 offset, __u64 from, __u64 to, __u64 flags)
{
	const __u64 known =
		BPF_F_MARK_MANGLED_0 | BPF_F_MARK_ENFORCE | BPF_F_PSEUDO_HDR | BPF_F_HDR_FIELD_MASK;
	uint8_t *at = octets_at(skb, offset, 2);
	bool mangled = flags & BPF_F_MARK_MANGLED_0;
	__u32 diff;

	if (flags & ~known || diff_of(from, to, flags, &diff))
		return -EINVAL;
	if (offset % 2 || !at)
		return -EFAULT;
	if (mangled && !at[0] && !at[1])
		return 0;
	if (!shim_of(skb)->partial)
		replace(at, diff);
	else if (flags & BPF_F_PSEUDO_HDR)
		replace_partial(at, diff);
	if (mangled && !at[0] && !at[1])
		at[0] = at[1] = 0xff;
	return 0;
}

/* --- routes and sockets ---------------------------------------------------------------------------------- */

static __u32 device_of(__be32 addr)
{
	if ((ntohl(addr) & 0xffffff00) == ntohl(LAN_HOST(0)))
		return WORLD_LAN;
	return (ntohl(addr) & 0xffffff00) == ntohl(GUEST(0)) ? WORLD_ISO : WORLD_WAN;
}

static bool is_local(__be32 addr)
{
	return addr == PUBLIC || addr == PUBLIC2 || addr == LAN_HOST(1) || addr == GUEST(1);
}

static long fib4(struct bpf_fib_lookup *p)
{
	if (is_local(p->ipv4_dst) || !p->ipv4_dst)
		return BPF_FIB_LKUP_RET_NOT_FWDED;
	if (p->tot_len > SHIM_MTU) {
		p->mtu_result = SHIM_MTU;
		return BPF_FIB_LKUP_RET_FRAG_NEEDED;
	}
	p->ifindex = device_of(p->ipv4_dst);
	if (p->ifindex == WORLD_WAN)
		p->ipv4_dst = V4(203, 0, 113, 1);
	return BPF_FIB_LKUP_RET_NO_NEIGH;
}

long bpf_fib_lookup(void *skb, struct bpf_fib_lookup *params, int octets, __u32 flags)
{
	(void)skb, (void)flags;
	if (octets < (int)sizeof(*params))
		return -EINVAL;
	if (params->family == 2)
		return fib4(params);
	/* 2001:db8:11::/64 is inside, all else outside. */
	params->ifindex =
		params->ipv6_dst[0] == htonl(0x20010db8) && params->ipv6_dst[1] == htonl(0x00110000)
			? WORLD_LAN
			: WORLD_WAN;
	return BPF_FIB_LKUP_RET_SUCCESS;
}

/* There is one packet at a time. */
static struct {
	__u32 ifindex;
	__be32 next_hop;
	bool to_stack;
} sent;

long bpf_redirect(__u32 ifindex, __u64 flags)
{
	if (flags & ~(__u64)BPF_F_INGRESS)
		return TC_ACT_SHOT;
	sent.ifindex = ifindex;
	sent.next_hop = 0;
	sent.to_stack = flags & BPF_F_INGRESS;
	return TC_ACT_REDIRECT;
}

long bpf_redirect_neigh(__u32 ifindex, struct bpf_redir_neigh *hop, int octets, __u64 flags)
{
	if (flags || octets != (int)sizeof(*hop))
		return TC_ACT_SHOT;
	sent.ifindex = ifindex;
	sent.next_hop = hop->ipv4_nh;
	sent.to_stack = false;
	return TC_ACT_REDIRECT;
}

/* XDP's octets stand where a pointer of 32 bits leads to: its program is compiled here and not run. */
long bpf_redirect_map(void *map, __u64 key, __u64 flags)
{
	(void)map, (void)key, (void)flags;
	return XDP_ABORTED;
}

void shim_sent(struct shim_skb *s)
{
	s->redirect = sent.ifindex;
	s->next_hop = sent.next_hop;
	s->to_stack = sent.to_stack;
}

/* One socket, in the state that the world says; of a connected one the state and the remote port are looked at. */
static struct bpf_sock *find_socket(const struct bpf_sock_tuple *tuple, bool tcp)
{
	static struct bpf_sock sk;
	bool connected = tuple->ipv4.sport != 0;

	if (!(connected ? nat_world->asked : nat_world->listens))
		return NULL;
	sk.state = connected && tcp ? BPF_TCP_ESTABLISHED : BPF_TCP_LISTEN;
	sk.dst_port = connected ? tuple->ipv4.sport : 0;
	return &sk;
}

struct bpf_sock *bpf_sk_lookup_tcp(void *skb, struct bpf_sock_tuple *tuple, __u32 octets,
				   __u64 netns, __u64 flags)
{
	(void)skb, (void)octets, (void)netns, (void)flags;
	return find_socket(tuple, true);
}

struct bpf_sock *bpf_skc_lookup_tcp(void *skb, struct bpf_sock_tuple *tuple, __u32 octets,
				    __u64 netns, __u64 flags)
{
	return bpf_sk_lookup_tcp(skb, tuple, octets, netns, flags);
}

struct bpf_sock *bpf_sk_lookup_udp(void *skb, struct bpf_sock_tuple *tuple, __u32 octets,
				   __u64 netns, __u64 flags)
{
	(void)skb, (void)octets, (void)netns, (void)flags;
	return find_socket(tuple, false);
}

long bpf_sk_release(void *sk)
{
	assert_non_null(sk);
	return 0;
}
