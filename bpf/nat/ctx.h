/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the NAT core knows of one packet, and what it answers.
 *
 * The core sees tuples and never packet bytes: parse.h fills `in`, the core decides, rewrite.h and send.h carry out. The same headers
 * compile natively against another nat_env.h, so that unit tests run what the kernel runs.
 */
#pragma once

#include <hairpin/dataplane.h>
#include <hairpin/limits.h>

enum nat_scratch {
	NAT_SCRATCH_LAN,
	NAT_SCRATCH_WAN,
	NAT_SCRATCH_HOST,
	NAT_SCRATCH_SORTED,
	NAT_SCRATCH_SWEEP,
	NAT_SCRATCH_CLOCK,
	NAT_SCRATCH_MAX
};

enum nat_action {
	NAT_PASS = 0, /* to the stack (or out of WAN), untouched */
	NAT_DROP,
	NAT_DELIVER, /* rewritten, then to the stack or out of WAN: flows of the gateway itself */
	NAT_SEND, /* rewritten, routed and sent by us */
	NAT_SORT, /* untouched, to the sorter: it comes back with its fragments in order */
	NAT_REFUSE, /* dropped, and the sender is told so: say_type and say_code. IPv4 only */
};

/* What the core needs of an ICMP message; both families map to it. */
enum nat_icmp {
	NAT_ICMP_NONE = 0,
	NAT_ICMP_REQUEST,
	NAT_ICMP_REPLY,
	NAT_ICMP_ERROR,
	NAT_ICMP_LINK,
	NAT_ICMP_OTHER
};

struct nat_packet {
	union {
		struct hp_flow4 flow4; /* tuple as it arrived, with its side */
		struct hp_flow6 flow6;
	};
	/* The packet that an ICMP error quotes, as it was sent; valid for NAT_ICMP_ERROR with quoted. */
	union {
		struct hp_flow4 quote4;
		struct hp_flow6 quote6;
	};
	__u32 ifindex;
	__u32 mark;
	__u32 now_s; /* CLOCK_BOOTTIME */
	__u32 epoch; /* of hp_pace, before anything else was asked; 0: nothing is noted */
	__u8 v6;
	__u8 proto;
	__u8 icmp; /* enum nat_icmp */
	__u8 timestamp; /* with NAT_ICMP_REQUEST: no echo, which alone wan.pass lets in */
	__u8 quoted;
	__u8 tcp_flags; /* as in octet 13 of the header */
	__u8 ttl;
	__u8 tos;
	__u8 dont_fragment;
	__u8 fragment; /* of a larger packet: no ports are known, none may be believed */
	__u8 first; /* with fragment: the first one; if they come in order, its ports are known */
	__u8 sorted; /* fragments come in order: from the sorter, or out of our own stack */
	__u8 exempt; /* no packet of a host's, but what it held before: no limit is asked */
	__be16 id; /* of the IP header */
	__u32 octets; /* of the IP packet */
	__be32 tcp_seq, tcp_ack; /* TCP, in the byte order of the packet */
	__u32 tcp_octets; /* TCP: sequence space that the segment takes: payload, SYN and FIN */
};

struct nat_ctx {
	__u32 self; /* enum nat_scratch: which of them this is (nat_env_own()) */
	struct nat_packet in;

	/* The plan in force, read once so that one packet sees one plan. */
	__u32 slot;
	struct hp_settings settings;

	/* The answer. */
	__u32 reason; /* enum hp_reason */
	struct hp_tuple4
		out; /* with NAT_SEND and NAT_DELIVER; of an ICMP error the addresses only */
	struct hp_tuple4
		quote_out; /* the same of an ICMP error: what it quotes, as that was sent */
	__u8 to_wan; /* NAT_SEND: may leave by the WAN device only */
	__u8 say_type, say_code; /* NAT_REFUSE: the ICMP error */
	__u16 say_mtu; /* with "fragmentation needed", host byte order */
	__u8 known; /* NAT_SEND: of a session that was there, which c->ref names */
	__u8 expected; /* of a session that the inside began, or whose outside has proven its address */

	/* Work space; each belongs to the function that its comment names. */
	struct hp_session draft; /* the deciders fill it, nat_session_create() takes it */
	struct hp_session imported; /* import.h */
	struct hp_flow4 key4, key4_reply; /* session.h */
	struct hp_flow6 key6, key6_reply; /* session.h */
	struct hp_flow_ref ref; /* session.h */
	struct hp_mapping_key mapping_key; /* the deciders fill it, mapping.h takes it */
	struct hp_mapping mapping; /* mapping.h */
	struct hp_binding_key binding_key; /* port.h, rest.h, mapping.h */
	struct hp_binding binding; /* port.h */
	struct hp_rest rest; /* rest.h */
	struct hp_host_key host_key; /* host_limit.h; its callers set it */
	struct hp_host host; /* host_limit.h */
	__u8 fresh; /* mapping.h: the mapping at hand was made for the packet at hand */
	__u32 rested_since; /* port.h: second in which the port that was claimed was freed, 0: it did not rest */
	struct hp_peer_key peer_key; /* the deciders fill it, peer.h takes it */
	struct hp_peer peer; /* peer.h */
	__u16 peer_flags; /* peer.h: HP_SESSION_PEER and its place, for who holds the peer */
	struct hp_rule_key rule_key; /* rules.h */
	struct hp_prefix_key prefix_key; /* rules.h */
	struct hp_fragment_key fragment_key; /* fragment.h */
};

static inline int nat_verdict(struct nat_ctx *c, enum nat_action action, enum hp_reason reason)
{
	c->reason = reason;
	return action;
}

/* What the errors of NAT_REFUSE say (RFC 792, RFC 1812 section 5.2.7.1). */
enum nat_say_type { NAT_SAY_UNREACHABLE = 3 };
enum nat_say_code {
	NAT_SAY_HOST = 1,
	NAT_SAY_PORT = 3,
	NAT_SAY_FRAGMENT = 4,
	NAT_SAY_PROHIBITED = 13,
};

/*
 * Drops the packet, counted as @reason, and answers it with an ICMP destination unreachable of @code. Whether an answer is due at all (to
 * no error, no multicast, no later fragment) and the limit on their number are icmp_error.h's business.
 */
static inline int nat_refuse(struct nat_ctx *c, enum hp_reason reason, enum nat_say_code code)
{
	c->say_type = NAT_SAY_UNREACHABLE;
	c->say_code = (__u8)code;
	c->say_mtu = 0;
	return nat_verdict(c, NAT_REFUSE, reason);
}
