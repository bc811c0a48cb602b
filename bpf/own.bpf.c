// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The gateway's own processes reach forwarded services by the public address: their packets would be delivered on this machine and never meet the
 * NAT, so the destination is changed where the socket names it. Four hooks together: connect, send without connection, and on the way back
 * the sender's address and the peer's name, so that a program sees the address that it asked for.
 *
 * The rules are those of the data plane; nothing is kept but a note in the socket's own storage, which ends with it. The programs see the
 * sockets of every network namespace below the cgroup: ours is told by its cookie. An object of its own, because a kernel without these hooks
 * still runs the gateway (src/dataplane/bpf/own.c).
 */
#include <hairpin/dataplane.h>
#include <linux/bpf.h>

#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#include "plan_maps.h"

/* Destinations that one socket remembers; a datagram socket that talks to more of our services forgets the oldest. */
#define OWN_NOTES 8

/* Of our network namespace; set by the loader. */
const volatile __u64 own_netns = 0;

/* An endpoint in the form in which struct bpf_sock_addr has it. */
struct own_endpoint {
	__be32 addr;
	__be32 port; /* 16 bits of it, network byte order */
};

/* What a socket was told, and where it went. */
struct own_note {
	struct own_endpoint asked, real;
};

struct own_notes {
	struct own_note at[OWN_NOTES];
	__u32 next;
};

struct {
	__uint(type, BPF_MAP_TYPE_SK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct own_notes);
} own_sockets SEC(".maps");

static __always_inline int is_equal(const struct own_endpoint *a, const struct own_endpoint *b)
{
	return a->addr == b->addr && a->port == b->port;
}

/* What @addr is if it is a public address of ours, an enum hp_net_kind; else 0. */
static __noinline int find_public(__u32 slot, __be32 addr)
{
	struct hp_prefix_key key = {.prefixlen = 32 + 128};
	void *prefixes = bpf_map_lookup_elem(&hp_prefixes, &slot);
	__u32 *words = (__u32 *)key.addr;
	const struct hp_prefix *prefix;

	if (!prefixes)
		return 0;
	words[2] = bpf_htonl(0xffff);
	words[3] = addr;
	prefix = bpf_map_lookup_elem(prefixes, &key);
	if (!prefix || (prefix->kind != HP_NET_WAN_LOCAL && prefix->kind != HP_NET_PUBLIC))
		return 0;
	return prefix->kind;
}

/*
 * Where our own services are that are asked for at @asked: there, but for the address of another router, where what is not declared is that router's.
 * 0: nowhere.
 */
static __always_inline __be32 find_self(__u32 slot, const struct hp_rule *rule, __be32 asked,
					int kind)
{
	const struct hp_settings *settings;

	if (kind != HP_NET_PUBLIC)
		return asked;
	settings = bpf_map_lookup_elem(&hp_settings, &slot);
	return settings && rule->service != HP_SERVICE_NONE ? settings->wan_addr : 0;
}

/* Where a forward, or a moved port of the gateway's own, leads from @asked. 1 and *ret_real, or 0: nowhere. */
static __noinline int find_forward(__u8 proto, const struct own_endpoint *asked,
				   struct own_endpoint *ret_real)
{
	struct hp_rule_key key = {.kind = HP_RULE_EXTERNAL, .proto = proto};
	__u32 zero = 0, slot;
	const volatile __u32 *active = bpf_map_lookup_elem(&hp_active, &zero);
	const struct hp_rule *rule;
	void *rules;
	int kind;

	if (!active || !asked || !ret_real)
		return 0;
	/* Once: a plan may come into force meanwhile, and half of each would be asked. */
	slot = *active;
	kind = find_public(slot, asked->addr);
	if (!kind)
		return 0;
	rules = bpf_map_lookup_elem(&hp_rules, &slot);
	if (!rules)
		return 0;
	key.port = (__be16)asked->port;
	rule = bpf_map_lookup_elem(rules, &key);
	if (!rule || (rule->action != HP_ACTION_FORWARD && rule->action != HP_ACTION_PASS))
		return 0;
	/* A moved port of this machine: the guard's chain, which leads what arrives, does not see what never leaves. */
	ret_real->addr = rule->action == HP_ACTION_FORWARD
				 ? rule->host
				 : find_self(slot, rule, asked->addr, kind);
	ret_real->port = rule->host_port;
	return ret_real->addr && !is_equal(ret_real, asked);
}

/* Notes that @asked went to @real; what was noted of @real before is no longer true. */
static __always_inline void note(struct own_notes *notes, const struct own_note *fresh)
{
	__u32 place = notes->next % OWN_NOTES;

	for (int i = 0; i < OWN_NOTES; i++) {
		if (is_equal(&notes->at[i].real, &fresh->real))
			place = i;
	}
	if (place == notes->next % OWN_NOTES)
		notes->next++;
	notes->at[place & (OWN_NOTES - 1)] = *fresh;
}

/* Sent to the host itself: its answers are no longer those of the public address. */
static __always_inline void forget(struct own_notes *notes, const struct own_endpoint *real)
{
	for (int i = 0; i < OWN_NOTES; i++) {
		if (is_equal(&notes->at[i].real, real))
			notes->at[i].real.addr = 0;
	}
}

static __always_inline int is_ours(struct bpf_sock_addr *ctx)
{
	return bpf_get_netns_cookie(ctx) == own_netns;
}

/*
 * A connected datagram socket of IPv6 with a mapped peer sends by IPv4, to the address that connect() was given by us: that
 * is no wish of the program's.
 */
static __always_inline int is_wish(struct bpf_sock_addr *ctx, int connecting)
{
	struct bpf_sock *sk = ctx->sk;

	return connecting || (sk && sk->state != BPF_TCP_ESTABLISHED);
}

/* To @asked: 1 with the endpoint to use instead in *ret_real. */
static __always_inline int outward(struct bpf_sock_addr *ctx, const struct own_endpoint *asked,
				   struct own_endpoint *ret_real, int connecting)
{
	struct own_note fresh = {.asked = *asked};
	struct own_notes *notes;

	if (!is_ours(ctx) || (ctx->protocol != 6 && ctx->protocol != 17) || !ctx->sk)
		return 0;
	if (!find_forward((__u8)ctx->protocol, asked, &fresh.real)) {
		notes = bpf_sk_storage_get(&own_sockets, ctx->sk, NULL, 0);
		if (notes && is_wish(ctx, connecting))
			forget(notes, asked);
		return 0;
	}
	notes = bpf_sk_storage_get(&own_sockets, ctx->sk, NULL, BPF_SK_STORAGE_GET_F_CREATE);
	/* Without a note the answers would come from a stranger: then rather not at all, as without us. */
	if (!notes)
		return 0;
	note(notes, &fresh);
	*ret_real = fresh.real;
	return 1;
}

static __always_inline int connecting(struct bpf_sock_addr *ctx, const struct own_endpoint *asked,
				      struct own_endpoint *ret_real)
{
	return outward(ctx, asked, ret_real, 1);
}

static __always_inline int sending(struct bpf_sock_addr *ctx, const struct own_endpoint *asked,
				   struct own_endpoint *ret_real)
{
	return outward(ctx, asked, ret_real, 0);
}

/* From @real: 1 with the endpoint that the program knows in *ret_asked. */
static __always_inline int inward(struct bpf_sock_addr *ctx, const struct own_endpoint *real,
				  struct own_endpoint *ret_asked)
{
	struct own_notes *notes = NULL;

	if (is_ours(ctx) && ctx->sk)
		notes = bpf_sk_storage_get(&own_sockets, ctx->sk, NULL, 0);
	if (!notes)
		return 0;
	for (int i = 0; i < OWN_NOTES; i++) {
		if (!is_equal(&notes->at[i].real, real))
			continue;
		*ret_asked = notes->at[i].asked;
		return 1;
	}
	return 0;
}

typedef int (*own_way)(struct bpf_sock_addr *ctx, const struct own_endpoint *from,
		       struct own_endpoint *ret_to);

static __always_inline int rewrite4(struct bpf_sock_addr *ctx, own_way way)
{
	struct own_endpoint from = {ctx->user_ip4, ctx->user_port}, to;

	if (way(ctx, &from, &to)) {
		ctx->user_ip4 = to.addr;
		ctx->user_port = to.port;
	}
	return 1;
}

/* Sockets of IPv6 name IPv4 hosts by mapped addresses (RFC 4291 section 2.5.5.2). */
static __always_inline int rewrite6(struct bpf_sock_addr *ctx, own_way way)
{
	struct own_endpoint from = {ctx->user_ip6[3], ctx->user_port}, to;

	if (ctx->user_ip6[0] || ctx->user_ip6[1] || ctx->user_ip6[2] != bpf_htonl(0xffff))
		return 1;
	if (way(ctx, &from, &to)) {
		ctx->user_ip6[3] = to.addr;
		ctx->user_port = to.port;
	}
	return 1;
}

/* A program at each hook. The kernel has them apart by family, and so does the ABI of their context. */
#define OWN_PROGRAM(hook, family, way)                    \
	SEC("cgroup/" #hook #family)                      \
	int own_##hook##family(struct bpf_sock_addr *ctx) \
	{                                                 \
		return rewrite##family(ctx, way);         \
	}

OWN_PROGRAM(connect, 4, connecting)
OWN_PROGRAM(sendmsg, 4, sending)
OWN_PROGRAM(recvmsg, 4, inward)
OWN_PROGRAM(getpeername, 4, inward)
OWN_PROGRAM(connect, 6, connecting)
OWN_PROGRAM(sendmsg, 6, sending)
OWN_PROGRAM(recvmsg, 6, inward)
OWN_PROGRAM(getpeername, 6, inward)

char LICENSE[] SEC("license") = "GPL";
