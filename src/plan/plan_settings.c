// SPDX-License-Identifier: GPL-2.0-or-later
/* What the data plane is told beside its tables. */
#include <netinet/in.h>

#include "draft.h"

unsigned int draft_sessions(const struct conf *conf, __u64 memory_bytes)
{
	__u64 sessions = memory_bytes / LIMIT_SESSIONS_MEMORY_SHARE / LIMIT_SESSION_BYTES;

	if (conf->sessions != CONF_AUTO)
		return conf->sessions;
	if (sessions > LIMIT_SESSIONS_AUTO_MAX)
		return LIMIT_SESSIONS_AUTO_MAX;
	return sessions < LIMIT_SESSIONS_MIN ? LIMIT_SESSIONS_MIN : (unsigned int)sessions;
}

static __u32 sessions_per_host(const struct draft *draft)
{
	__u32 share = draft->plan->sessions / LIMIT_SESSIONS_HOST_SHARE;

	if (draft->conf->sessions_per_host != CONF_AUTO)
		return draft->conf->sessions_per_host;
	return share < LIMIT_SESSIONS_HOST_MIN ? LIMIT_SESSIONS_HOST_MIN : share;
}

/*
 * Not below LIMIT_MSS_MIN, however small the MTU: a host may send segments of 536 whatever it was told, and a link of
 * IPv4 that does not carry them has fragments.
 */
static __u16 mss_wan(const struct draft *draft)
{
	unsigned int mtu = draft->wan ? draft->wan->mtu : 0;

	if (draft->conf->mss_clamp != CONF_AUTO)
		return (__u16)draft->conf->mss_clamp;
	if (!mtu)
		return 0;
	if (mtu < LIMIT_MSS_MIN + MSS_HEADERS4)
		return LIMIT_MSS_MIN;
	if (mtu > LIMIT_MSS_MAX + MSS_HEADERS4)
		return LIMIT_MSS_MAX;
	return (__u16)(mtu - MSS_HEADERS4);
}

/* Whether the data plane has to ask, for each packet from a LAN, where its IP header begins. */
static bool lan_no_ethernet(const struct draft *draft)
{
	for (size_t i = 0; i < draft->conf->n_lan; i++) {
		if (draft->lan[i] && draft->lan[i]->layer3)
			return true;
	}
	return false;
}

/* Smallest of all devices that are there; 0 where none is. */
static __u16 smallest_mtu(const struct draft *draft)
{
	unsigned int smallest = 0;

	for (size_t i = 0; i <= draft->conf->n_lan; i++) {
		const struct fact_link *link = i ? draft->lan[i - 1] : draft->wan;

		if (link && link->mtu && (!smallest || link->mtu < smallest))
			smallest = link->mtu;
	}
	return (__u16)(smallest < 65535 ? smallest : 65535);
}

/* Whether anybody's mappings of @proto are filtered by the remote address alone. */
static bool needs_peers(const struct plan *plan, __u8 proto, enum hp_filtering usual)
{
	if (usual == HP_FILTER_ADDRESS_DEPENDENT)
		return true;
	for (size_t i = 0; i < plan->n_rules; i++) {
		const struct plan_rule *rule = &plan->rules[i];

		if (rule->key.kind == HP_RULE_FILTER && rule->key.proto == proto &&
		    rule->rule.filtering == HP_FILTER_ADDRESS_DEPENDENT)
			return true;
	}
	return false;
}

void draft_settings(struct draft *draft)
{
	const struct conf *conf = draft->conf;
	const struct plan *plan = draft->plan;
	const struct ip_addr *primary = plan_wan_primary(plan);
	__be32 wan_addr = primary ? ip_addr_v4(primary) : 0;

	draft->plan->fast_path = conf->fast_path;
	draft->plan->settings = (struct hp_settings){
		.wan_ifindex = draft->wan ? draft->wan->ifindex : 0,
		.wan_addr = wan_addr,
		.loop_addr = plan->has_public ? ip_addr_v4(&plan->public) : wan_addr,
		.one_arm = conf->role == CONF_ROLE_BYPASS,
		.routed = conf->outgoing == CONF_OUTGOING_ROUTE,
		.port_first = conf->nat_port_first,
		.port_last = conf->nat_port_last,
		.hairpin_source = (__u8)conf->hairpin_source,
		.pass_icmp_echo = conf->pass_icmp_echo,
		.check_source = conf->n_lan > 1,
		.hairpin_filtered = conf->hairpin_filtering == CONF_HAIRPIN_SAME,
		.filtering_udp = (__u8)conf->filtering.udp,
		.filtering_tcp = (__u8)conf->filtering.tcp,
		.peers_udp = needs_peers(plan, IPPROTO_UDP, conf->filtering.udp),
		.peers_tcp = needs_peers(plan, IPPROTO_TCP, conf->filtering.tcp),
		.port_parity = conf->port_parity,
		.pickup = conf->tcp_pickup,
		.silent = conf->unsolicited == CONF_UNSOLICITED_SILENT,
		.block_dot = conf->has_dns && conf->block_dot,
		.wan_no_ethernet = draft->wan && draft->wan->layer3,
		.lan_no_ethernet = lan_no_ethernet(draft),
		.mss_wan = mss_wan(draft),
		.sorter_mtu = smallest_mtu(draft),
		.udp_s = conf->udp_s,
		.tcp_established_s = conf->tcp_established_s,
		.tcp_transitory_s = conf->tcp_transitory_s,
		.icmp_s = conf->icmp_s,
		.other_s = conf->other_s,
		.mappings_per_host = conf->mappings_per_host,
		.sessions_per_host = sessions_per_host(draft),
		.new_per_host = conf->new_per_host,
	};
}
