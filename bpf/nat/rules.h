/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Questions to the plan in force: which rule, which network. All of them answer NULL or 0 for "none". */
#pragma once

#include <nat_env.h>

#include "ctx.h"

#define NAT_V4_PREFIX_BITS 96

/* @out is that of a key, which is aligned to words: by octets, as the compiler would write it else, it takes four times the instructions. */
static inline void nat_v4_mapped(__u8 out[16], __be32 v4)
{
	__u32 *words = (__u32 *)out;

	words[0] = 0;
	words[1] = 0;
	words[2] = nat_htonl(0xffff);
	words[3] = v4;
}

static inline void nat_copy16(__u8 out[16], const __u8 from[16])
{
	__builtin_memcpy(out, from, 16);
}

static NAT_FUNCTION const struct hp_rule *nat_rule_external(struct nat_ctx *c, __u8 proto,
							    __be16 port)
{
	__builtin_memset(&c->rule_key, 0, sizeof(c->rule_key));
	c->rule_key.kind = HP_RULE_EXTERNAL;
	c->rule_key.proto = proto;
	c->rule_key.port = port;
	return nat_env_rule(c->slot, &c->rule_key);
}

static NAT_INLINE const struct hp_rule *nat_rule_host4(struct nat_ctx *c, __be32 host, __u8 proto,
						       __be16 port)
{
	nat_v4_mapped(c->rule_key.addr, host);
	c->rule_key.kind = HP_RULE_HOST;
	c->rule_key.proto = proto;
	c->rule_key.port = port;
	return nat_env_rule(c->slot, &c->rule_key);
}

static NAT_INLINE const struct hp_rule *nat_rule_host6(struct nat_ctx *c, const __u8 host[16],
						       __u8 proto, __be16 port)
{
	nat_copy16(c->rule_key.addr, host);
	c->rule_key.kind = HP_RULE_HOST;
	c->rule_key.proto = proto;
	c->rule_key.port = port;
	return nat_env_rule(c->slot, &c->rule_key);
}

static NAT_INLINE const struct hp_rule *nat_rule_link(struct nat_ctx *c, __u32 ifindex)
{
	__builtin_memset(&c->rule_key, 0, sizeof(c->rule_key));
	c->rule_key.kind = HP_RULE_LINK;
	__builtin_memcpy(&c->rule_key.addr[12], &ifindex, sizeof(ifindex));
	return nat_env_rule(c->slot, &c->rule_key);
}

/* Whether packets of the device begin with the IP header. Without a rule asked for, as long as all LANs are Ethernet. */
static NAT_INLINE int nat_link_no_ethernet(struct nat_ctx *c, __u32 ifindex)
{
	const struct hp_rule *link;

	if (ifindex == c->settings.wan_ifindex)
		return c->settings.wan_no_ethernet;
	if (!c->settings.lan_no_ethernet)
		return 0;
	link = nat_rule_link(c, ifindex);
	return link && link->no_ethernet;
}

/* The longest prefix of set 0 that holds the address. */
static NAT_FUNCTION const struct hp_prefix *nat_net4(struct nat_ctx *c, __be32 addr)
{
	c->prefix_key.prefixlen = 32 + 128;
	c->prefix_key.set = 0;
	nat_v4_mapped(c->prefix_key.addr, addr);
	return nat_env_prefix(c->slot, &c->prefix_key);
}

static NAT_FUNCTION const struct hp_prefix *nat_net6(struct nat_ctx *c, const __u8 addr[16])
{
	c->prefix_key.prefixlen = 32 + 128;
	c->prefix_key.set = 0;
	nat_copy16(c->prefix_key.addr, addr);
	return nat_env_prefix(c->slot, &c->prefix_key);
}

/*
 * A port that the gateway itself answers on, as it arrives. One that is moved is so over IPv4 and at a public address alone, where the
 * guard's chain leads it (src/dataplane/guard.c): elsewhere it would be another program's.
 */
static inline int nat_is_own_port(const struct hp_rule *rule, __be16 port)
{
	return rule && rule->action == HP_ACTION_PASS && rule->host_port == port;
}

/* The gateway's own, for everybody inside: a service, and not only wan.pass. */
static inline int nat_is_declared_own(const struct hp_rule *rule)
{
	return rule && rule->action == HP_ACTION_PASS && rule->service != HP_SERVICE_NONE;
}

/* A service of the gateway at whatever address of it. */
static NAT_INLINE int nat_is_service_of_ours(struct nat_ctx *c, __be16 dport)
{
	const struct hp_rule *rule;

	if (c->in.proto != 6 && c->in.proto != 17)
		return 0;
	rule = nat_rule_external(c, c->in.proto, dport);
	return nat_is_declared_own(rule) && nat_is_own_port(rule, dport);
}

/* Whether allow list @set admits the source; set 0 admits everybody. */
static NAT_INLINE int nat_allowed4(struct nat_ctx *c, __u32 set, __be32 source)
{
	if (!set)
		return 1;
	c->prefix_key.prefixlen = 32 + 128;
	c->prefix_key.set = set;
	nat_v4_mapped(c->prefix_key.addr, source);
	return nat_env_prefix(c->slot, &c->prefix_key) != 0;
}

static NAT_INLINE int nat_allowed6(struct nat_ctx *c, __u32 set, const __u8 source[16])
{
	if (!set)
		return 1;
	c->prefix_key.prefixlen = 32 + 128;
	c->prefix_key.set = set;
	nat_copy16(c->prefix_key.addr, source);
	return nat_env_prefix(c->slot, &c->prefix_key) != 0;
}

/* DNS over TLS and over QUIC to a server outside, which `dns.block-dot` forbids: a client that is turned away asks ours. */
#define NAT_PORT_DOT 853

static inline int nat_is_blocked_dot(const struct nat_ctx *c, __be16 dport)
{
	return c->settings.block_dot && dport == nat_htons(NAT_PORT_DOT) &&
	       (c->in.proto == 6 || c->in.proto == 17);
}

/* Of servers, over UDP and TCP. The guard leads by the same number (src/dataplane/guard.c). */
#define NAT_PORT_DNS 53

/* A host that asks DNS servers outside itself: dns.upstream names it, or it serves names to the outside. */
static NAT_INLINE const struct hp_rule *nat_rule_asker(struct nat_ctx *c, __be32 host)
{
	nat_v4_mapped(c->rule_key.addr, host);
	c->rule_key.kind = HP_RULE_ASKER;
	c->rule_key.proto = 0;
	c->rule_key.port = 0;
	return nat_env_rule(c->slot, &c->rule_key);
}

/*
 * A question to a server outside that our own is to answer. Asked of what has no session: a flow that began before `dns.redirect` was
 * turned on stays with whom it began.
 */
static NAT_INLINE int nat_is_led4(struct nat_ctx *c)
{
	return c->settings.lead_questions && c->in.flow4.dport == nat_htons(NAT_PORT_DNS) &&
	       (c->in.proto == 6 || c->in.proto == 17) && !nat_rule_asker(c, c->in.flow4.saddr);
}

/*
 * An ICMP error about an answer of ours, which left as from the server outside: without it a connection would not learn that a link inside is narrow.
 * What quotes no answer the kernel relates to nothing, and the guard drops it on its way to WAN.
 */
static NAT_INLINE int nat_is_of_led4(const struct nat_ctx *c)
{
	return c->settings.lead_questions && c->in.icmp == NAT_ICMP_ERROR && c->in.quoted &&
	       c->in.quote4.saddr == c->in.flow4.daddr &&
	       c->in.quote4.sport == nat_htons(NAT_PORT_DNS) &&
	       (c->in.quote4.proto == 6 || c->in.quote4.proto == 17);
}

/* Destinations that are nobody's, or oneself: a default route would take them to WAN all the same. */
static inline int nat_is_nowhere4(const struct hp_flow4 *flow)
{
	__be32 net = flow->daddr & nat_htonl(0xff000000);

	return !net || net == nat_htonl(0x7f000000) || flow->saddr == flow->daddr ||
	       (flow->daddr & nat_htonl(0xf0000000)) == nat_htonl(0xf0000000);
}

/* Sources that no packet from another machine can have (RFC 1812 section 5.3.7). */
static inline int nat_is_martian4(__be32 addr)
{
	__be32 net = addr & nat_htonl(0xff000000);

	return !net || net == nat_htonl(0x7f000000) ||
	       (addr & nat_htonl(0xe0000000)) == nat_htonl(0xe0000000);
}

static inline int nat_is_multicast4(__be32 addr)
{
	return (addr & nat_htonl(0xf0000000)) == nat_htonl(0xe0000000) ||
	       addr == nat_htonl(0xffffffff);
}
