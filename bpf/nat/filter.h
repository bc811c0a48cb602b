/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Filtering (RFC 4787 section 5): who may send to a dynamic mapping of a LAN host when no session says so. Whoever its host has
 * sent to at this very endpoint has a session and is not asked about here.
 */
#pragma once

#include "mapping.h"
#include "peer.h"
#include "rules.h"

/*
 * The dynamic mapping that owns the packet's destination, into c->mapping_key and c->mapping. 1: there, 0: none, -1: it is being taken
 * apart or given away at this moment.
 */
static NAT_INLINE int nat_dynamic_target(struct nat_ctx *c)
{
	const struct hp_binding *binding;
	const struct hp_mapping *m;

	c->binding_key = (struct hp_binding_key){
		.addr = c->in.flow4.daddr, .port = c->in.flow4.dport, .proto = c->in.proto};
	binding = nat_env_binding(&c->binding_key);
	if (!binding || !nat_binding_in_use(binding))
		return 0;
	c->mapping_key = binding->mapping;
	/* Our own address beside a host, which on one arm is the public one as well: what stands for somebody there is no way to him. */
	if (c->mapping_key.pool == HP_POOL_GATEWAY)
		return 0;
	m = nat_env_mapping(&c->mapping_key);
	if (!m)
		return -1;
	c->mapping = *m;
	if ((c->mapping.word & HP_MAPPING_DYING) ||
	    !nat_mapping_same_key(&c->mapping.key, &c->mapping_key) ||
	    c->mapping.ext_addr != c->binding_key.addr ||
	    c->mapping.ext_port != c->binding_key.port)
		return -1;
	return 1;
}

/* The filtering of @host's mappings: its own if it has one, else that of all (per protocol, RFC 7857 section 6). */
static NAT_INLINE __u8 nat_filtering_of(struct nat_ctx *c, __be32 host, __u8 proto)
{
	const struct hp_rule *rule;

	nat_v4_mapped(c->rule_key.addr, host);
	c->rule_key.kind = HP_RULE_FILTER;
	c->rule_key.proto = proto;
	c->rule_key.port = 0;
	rule = nat_env_rule(c->slot, &c->rule_key);
	if (rule)
		return rule->filtering;
	return proto == 6 ? c->settings.filtering_tcp : c->settings.filtering_udp;
}

/* Whether c->peer_key.remote may send to the external endpoint in c->peer_key, which is @host's. */
static NAT_FUNCTION int nat_filter_admits(struct nat_ctx *c, __be32 host)
{
	switch (nat_filtering_of(c, host, c->peer_key.proto)) {
	case HP_FILTER_ENDPOINT_INDEPENDENT:
		return 1;
	case HP_FILTER_ADDRESS_DEPENDENT:
		return nat_peer_lives(c);
	}
	return 0;
}
