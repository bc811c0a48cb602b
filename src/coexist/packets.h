/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The packets that a plan makes: for each kind of traffic that it promises, what its packets look like at each hook that they pass. Asked of other people's rules by walk.h.
 *
 * They are typical ones: an address outside is any address outside, a port that nobody chose is any port. So a rule against one address or one port of somebody
 * else is no obstacle to them, and a rule that lets one address in is no help.
 */
#pragma once

#include "others.h"
#include "plan.h"

enum packet_way {
	WAY_FORWARD, /* from WAN to a service */
	WAY_LOOPBACK, /* from a LAN to a service by its public address */
	WAY_OWN, /* the gateway's own processes to a service */
	WAY_OUTGOING, /* from a LAN to WAN */
	WAY_INPUT, /* to the gateway: DNS, DHCP, services of its own, wan.pass */
	WAY_MAX,
};

struct packet {
	enum packet_way way;
	enum rule_hook hook;
	const char *iif, *oif; /* "": none at this hook */
	bool is_v4;
	bool is_answer;
	bool before_nat; /* at prerouting: as it arrived; false there: with its destination translated */
	bool is_nat; /* its destination is or will be translated */
	bool has_source; /* which source it leaves with is the plan's to say: hairpin-source is not `gateway` */
	__u8 proto;
	struct ip_addr src_first, src_last, dst_first, dst_last;
	enum address_type dst_type, src_type;
	__u16 sport_low, sport_high, dport_low, dport_high; /* a range stands for all of it */
	bool any_sport, any_dport; /* that nobody chose */
	__u32 connection; /* enum connection_bit */
	__u8 tcp_flags;
	const char *service; /* its name; or what it is for: "dns", "wan.pass"; or "" */
	/* Where a forward leads, for what translates it elsewhere. */
	struct ip_addr host;
	__u16 host_port;
};

typedef void (*packet_cb)(const struct packet *packet, void *data);

/* Each packet of @plan. With @only_own those alone that go to the gateway itself, which are all that netfilter sees beside the bpf backend. */
void packets_each(const struct plan *plan, bool only_own, packet_cb cb, void *data);
