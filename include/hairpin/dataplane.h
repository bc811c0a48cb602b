/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the BPF programs and the daemon share: keys and values of the maps, reasons, layout version.
 *
 * All addresses and ports in these structures are in network byte order (the __be types);
 * times are whole seconds of CLOCK_BOOTTIME, so that a stamp survives a restart of the daemon.
 * A change of any structure or map here raises HP_LAYOUT_VERSION: pins live under v<version>/.
 */
#pragma once

#include <linux/bpf.h>
#include <linux/types.h>

#include <hairpin/limits.h>

#ifndef HP_LAYOUT_VERSION /* overridden only by the test of a foreign layout */
#define HP_LAYOUT_VERSION 5
#endif
/* Connections of this layout and of later ones are taken over, whatever became of their members since. */
#define HP_LAYOUT_OLDEST 2

/* --- reasons: one for every packet that is dropped or passed untranslated --------------------- */

/*
 * X(symbol, "name in output", what it means). The first ones are passes, those from
 * HP_DROP_FIRST on are drops; HP_SENT_* count what the NAT translated and sent.
 */
#define HP_REASONS(X)                                                                             \
	X(HP_SENT_OUTGOING, "sent-outgoing", "LAN to WAN, translated")                            \
	X(HP_SENT_INCOMING, "sent-incoming", "WAN to LAN, translated: a reply or a forward")      \
	X(HP_SENT_HAIRPIN, "sent-hairpin", "LAN to LAN through the public address")               \
	X(HP_SENT_ICMP_ERROR, "sent-icmp-error", "an ICMP error that the NAT answered with")      \
	X(HP_SENT_RELATED, "sent-related", "an ICMP error about a translated flow, passed on")    \
	X(HP_SENT_UNKNOWN, "sent-unknown", "a protocol without ports, to or from its one host")   \
	X(HP_SENT_TO_SORTER, "sent-to-sorter", "a fragment, or too big: it comes back in order")  \
	X(HP_PASS_NOT_IP, "pass-not-ip", "ARP, PPPoE discovery and the like")                     \
	X(HP_PASS_NOT_OURS, "pass-not-ours",                                                      \
	  "another VLAN's or another machine's frame: left alone, unmarked")                      \
	X(HP_PASS_LINK, "pass-link", "what the link lives on: DHCP client, ND, RA, IGMP, MLD")    \
	X(HP_PASS_ICMP_ERROR, "pass-icmp-error", "ICMP error about a flow that we just let pass") \
	X(HP_PASS_OWN_FLOW, "pass-own-flow", "a flow that the gateway itself opened")             \
	X(HP_PASS_OWN_SERVICE, "pass-own-service",                                                \
	  "wan.pass, or the gateway's service from a LAN")                                        \
	X(HP_PASS_LAN, "pass-lan", "between segments, or to the gateway's LAN address")           \
	X(HP_PASS_QUESTION, "pass-question",                                                      \
	  "from a LAN to a DNS server outside, led to ours by dns.redirect")                      \
	X(HP_PASS_ROUTED4, "pass-routed4",                                                        \
	  "from a LAN to outside untranslated: nat.outgoing: route")                              \
	X(HP_PASS_UNSEEN, "pass-unseen",                                                          \
	  "an answer of a LAN to outside, whose question never came by: as it is, role bypass")   \
	X(HP_PASS_OTHER_DEVICE, "pass-other-device",                                              \
	  "routed to a device that is neither WAN nor LAN")                                       \
	X(HP_PASS_NO_ROUTE, "pass-no-route", "left to the stack, which answers")                  \
	X(HP_PASS_SENT, "pass-sent", "at WAN egress: sent there by the NAT, or judged before")    \
	X(HP_PASS_ROUTED6, "pass-routed6", "IPv6 of a known session, or opened from a LAN")       \
	X(HP_PASS_PINHOLE6, "pass-pinhole6", "IPv6 from WAN to a declared host6")                 \
	X(HP_DROP_MALFORMED, "drop-malformed", "headers that do not parse")                       \
	X(HP_DROP_FRAGMENT, "drop-fragment", "a fragment whose first one was not let through")    \
	X(HP_DROP_FRAGMENT_RATE, "drop-fragment-rate", "more fragments than a source may send")   \
	X(HP_DROP_PROTOCOL, "drop-protocol", "a protocol that the NAT does not translate")        \
	X(HP_DROP_EXTENSION6, "drop-extension6", "an IPv6 extension header not understood")       \
	X(HP_DROP_SPOOFED, "drop-spoofed", "a source that cannot be on that side")                \
	X(HP_DROP_MARTIAN, "drop-martian", "to an address that no machine has")                   \
	X(HP_DROP_TO_LAN, "drop-to-lan", "from WAN to a LAN address")                             \
	X(HP_DROP_NOT_OURS, "drop-not-ours", "from WAN to an address that is not ours")           \
	X(HP_DROP_CLOSED, "drop-closed", "from WAN: nothing forwarded, nothing passed")           \
	X(HP_DROP_NOT_ALLOWED, "drop-not-allowed",                                                \
	  "from WAN to a forward whose allow list says no")                                       \
	X(HP_DROP_FILTERED, "drop-filtered",                                                      \
	  "to a dynamic mapping from a remote it never spoke to")                                 \
	X(HP_DROP_ISOLATED, "drop-isolated", "an isolated segment towards the inside")            \
	X(HP_DROP_MULTICAST, "drop-multicast", "multicast or broadcast that is not the link's")   \
	X(HP_DROP_NO_SESSION, "drop-no-session", "TCP in the middle of an unknown connection")    \
	X(HP_DROP_ICMP_ERROR, "drop-icmp-error", "ICMP error about no flow that is known")        \
	X(HP_DROP_ICMP_CHECKSUM, "drop-icmp-checksum", "ICMP error with a wrong checksum")        \
	X(HP_DROP_ICMP_TYPE, "drop-icmp-type", "an ICMP type that is neither echo nor error")     \
	X(HP_DROP_TTL, "drop-ttl", "hop limit used up")                                           \
	X(HP_DROP_TOO_BIG, "drop-too-big", "larger than the next link")                           \
	X(HP_DROP_NO_ROUTE, "drop-no-route", "translated, and no route to the new destination")   \
	X(HP_DROP_NO_PORT, "drop-no-port", "no external port found")                              \
	X(HP_DROP_TABLE_FULL, "drop-table-full", "no room for a session or mapping")              \
	X(HP_DROP_HOST_LIMIT, "drop-host-limit", "its host holds as many as one host may")        \
	X(HP_DROP_HOST_RATE, "drop-host-rate", "its host opens more in a second than it may")     \
	X(HP_DROP_CLASH, "drop-clash", "two sessions would share a tuple")                        \
	X(HP_DROP_RACE, "drop-race",                                                              \
	  "lost against another CPU; the next packet finds its session")                          \
	X(HP_DROP_PRIVATE_SOURCE, "drop-private-source",                                          \
	  "would leave on WAN with a foreign source")                                             \
	X(HP_DROP_NO_WAN, "drop-no-wan", "there is no WAN address now")                           \
	X(HP_DROP_DOT, "drop-dot", "from a LAN to port 853 outside, which dns.block-dot forbids") \
	X(HP_DROP_REWRITE, "drop-rewrite", "the kernel refused to change the packet")

enum hp_reason {
#define X(symbol, name, text) symbol,
	HP_REASONS(X)
#undef X
		HP_REASON_MAX,
};

#define HP_DROP_FIRST HP_DROP_MALFORMED

/* --- statistics: what happened that is not the end of a packet --------------------------------- */

/* X(symbol, "name in output", what is counted). The PORT ones are the histogram of the search for an external port. */
#define HP_STATS(X)                                                                              \
	X(HP_STAT_PORT_AGAIN, "port-again", "mappings that got back the port they had before")   \
	X(HP_STAT_PORT_KEPT, "port-kept", "mappings that kept their host's own port")            \
	X(HP_STAT_PORT_1, "port-1", "found at the first random try")                             \
	X(HP_STAT_PORT_2, "port-2", "at the second")                                             \
	X(HP_STAT_PORT_4, "port-3-4", "at the third or fourth")                                  \
	X(HP_STAT_PORT_8, "port-5-8", "at the fifth to eighth")                                  \
	X(HP_STAT_PORT_16, "port-9-16", "at the ninth to sixteenth")                             \
	X(HP_STAT_PORT_MORE, "port-17-64", "later")                                              \
	X(HP_STAT_PORT_NONE, "port-none", "not at all: refused")                                 \
	X(HP_STAT_REPLACED, "replaced", "unproven sessions of outsiders, ended for a newer one") \
	X(HP_STAT_SWEPT, "swept", "sessions ended by the sweep")                                 \
	X(HP_STAT_RESET_IGNORED, "reset-ignored", "TCP resets outside what is in flight")        \
	X(HP_STAT_MSS_CLAMPED, "mss-clamped", "SYNs whose segment size was lowered")             \
	X(HP_STAT_ICMP_LIMITED, "icmp-limited", "ICMP errors not sent: there were too many")

enum hp_stat {
#define X(symbol, name, text) symbol,
	HP_STATS(X)
#undef X
		HP_STAT_MAX,
};

/* --- sides and flows ---------------------------------------------------------------------------- */

enum hp_side {
	HP_SIDE_LAN = 1, /* arrived on a LAN device */
	HP_SIDE_WAN = 2, /* arrived on the WAN device */
	HP_SIDE_HOST = 3, /* leaves the WAN device from the gateway's own stack */
	HP_SIDE_SORTER = 4, /* no packet's: the sorter's device, among those that have a filter */
	HP_SIDE_ARM =
		5, /* the same: a device that is WAN and LAN, whose packets tell their side; and of notes about it */
};

/* A tuple as it stands in the packet; the ICMP id of a query is its source port, of a reply its
 * destination port, and the other one is 0. */
struct hp_flow4 {
	__be32 saddr, daddr;
	__be16 sport, dport;
	__u8 proto;
	__u8 side; /* enum hp_side: the same tuple on another side is another flow */
	__u16 zero;
};

struct hp_flow6 {
	__u8 saddr[16], daddr[16];
	__be16 sport, dport;
	__u8 proto;
	__u8 side;
	__u16 zero;
};

/* Value of a flow: its session, and which direction of it this tuple is. */
struct hp_flow_ref {
	__u32 index : 31;
	__u32 reply : 1; /* 0: as its initiator sends, 1: as the responder answers */
	__u32 generation; /* differs from the session's: the flow is stale and counts as absent */
};

/* --- sessions ------------------------------------------------------------------------------------- */

enum hp_kind {
	HP_KIND_OUTGOING = 1, /* LAN to WAN, source translated */
	HP_KIND_FORWARD, /* WAN to a declared host, destination translated */
	HP_KIND_HAIRPIN, /* LAN to LAN through the public address */
	HP_KIND_HOST, /* opened by the gateway itself */
	HP_KIND_ROUTED, /* not translated: IPv6, and LAN to an isolated segment */
	HP_KIND_INCOMING, /* WAN to a dynamic mapping whose filtering lets it in; TCP only */
	HP_KIND_MAX,
};

enum hp_life {
	HP_LIFE_FREE = 0,
	HP_LIFE_ACTIVE = 1,
	HP_LIFE_DYING = 2, /* one CPU has won the right to take it apart */
};

enum hp_tcp_state {
	HP_TCP_NONE = 0, /* not TCP, and nothing seen from the responder yet */
	HP_TCP_SYN, /* SYN of the initiator */
	HP_TCP_SYN_ACK, /* answered by the responder */
	HP_TCP_ESTABLISHED, /* acknowledged by the initiator */
	HP_TCP_FIN_ORIG, /* the initiator has closed */
	HP_TCP_FIN_REPLY, /* the responder has closed */
	HP_TCP_CLOSED, /* both sides have */
	HP_TCP_RESET, /* a reset passed that fits what is in flight; a segment after it means that it was not believed */
	HP_TCP_RESET_ORIG, /* the same, and the initiator had closed before */
	HP_TCP_RESET_REPLY, /* the same, and the responder had */
	HP_TCP_STATE_MAX,
};

/*
 * The one word that decides about a session; every change is a compare-and-exchange of the whole.
 * Bits 0-31 generation, 32-39 enum hp_life, 40-47 enum hp_tcp_state, 48-63 HP_SESSION_* flags.
 */
#define HP_WORD_LIFE_SHIFT 32
#define HP_WORD_TCP_SHIFT 40
#define HP_WORD_FLAGS_SHIFT 48
#define HP_SESSION_REPLIED 0x1 /* a packet of the responder was seen */
#define HP_SESSION_MAPPED 0x2 /* holds a reference to a mapping */
#define HP_SESSION_V6 0x4
#define HP_SESSION_SELF 0x8 /* both directions have one and the same tuple: one flow, not two */
#define HP_SESSION_TARGET \
	0x10 /* to a dynamic mapping (hairpin, incoming): holds a reference to that one */
#define HP_SESSION_PROVEN \
	0x20 /* the initiator answered an answer, so its address is no invention */
#define HP_SESSION_PEER \
	0x40 /* holds a reference to a peer: in its set or, with place 0, a struct hp_peer */
#define HP_SESSION_COUNTED 0x80 /* counted in the struct hp_host of orig.saddr */
#define HP_SESSION_OUTSIDE 0x100 /* began outside: counted in HP_TOTAL_OUTSIDE */
#define HP_SESSION_COUNTED_NET \
	0x200 /* with COUNTED and V6: in that of its /64, there are too many hosts */
#define HP_SESSION_PEER_PLACE_SHIFT 10 /* with PEER: bits 10-12, the place of its word in the set */
#define HP_SESSION_PEER_PLACE_MASK 0x1c00

/* A tuple of a session without side and protocol. */
struct hp_tuple4 {
	__be32 saddr, daddr;
	__be16 sport, dport;
};

struct hp_tuple6 {
	__u8 saddr[16], daddr[16];
	__be16 sport, dport;
};

/*
 * What is in flight in one direction of a TCP connection, in sequence numbers of host byte order; 0 before the first segment, and
 * nothing fits a 0.
 */
struct hp_tcp_track {
	__u32 end; /* one past the highest octet sent */
	__u32 ack; /* what this direction has acknowledged of the other */
};

/*
 * Where the packets of one direction go, as the long way (rules, route, neighbour) found it for one of them. Those that follow take it as it stands
 * while `epoch` is that of hp_pace and the note is younger than WAY_S: bpf/way.h. In one epoch two notes of one direction say the same, so that
 * who reads while another CPU writes is not misled.
 */
struct hp_way {
	__u32 epoch; /* 0: none is noted */
	__u16 noted_s; /* low bits of the second in which it was */
	__u16 idle_s; /* after which the session counts as over; 65535: or later */
	__u16 mtu; /* largest IP packet */
	__u16 in, out; /* devices, by their places in hp_links */
	__u16 port; /* the same for XDP: `out` itself or the bridge's port; 0: XDP cannot send there */
	__u8 dest[6]; /* Ethernet address of the next hop */
	__u8 reason; /* enum hp_reason: what such a packet is counted as */
	__u8 dscp; /* of the packet, its field of the header without ECN: rules of routing may ask for it */
};

/*
 * One session. `orig` is what its initiator sends, `xlat` what the responder receives; the
 * responder answers with xlat reversed, which becomes orig reversed.
 */
struct hp_session {
	__u64 word;
	__u32 last_seen_s;
	__u32 created_s;
	union {
		struct {
			struct hp_tuple4 orig, xlat;
		} v4;
		struct hp_tuple6 v6;
	};
	__u8 proto;
	__u8 kind; /* enum hp_kind */
	__u8 orig_side; /* side of the initiator's packets, enum hp_side */
	__u8 reply_side; /* side of the responder's packets */
	__u8 pool; /* enum hp_pool of the mapping it holds, with HP_SESSION_MAPPED */
	__u8 zero[3];
	__u32 service; /* service index in the plan that made it; 0xffffffff: none */
	struct hp_tcp_track
		tcp[2]; /* by direction: 0 the initiator's segments, 1 the responder's */
	struct hp_way way[2]; /* the same */
};

/* --- the noted way --------------------------------------------------------------------------------- */

/*
 * Until when ways hold. The daemon alone writes it: a new epoch with each plan and with each change of routes, neighbours, devices and bridges,
 * and the second in which it last did its rounds. After WAY_TICK_S without one nobody watches what changes, and every packet takes the long way.
 */
struct hp_pace {
	__u32 epoch; /* 0: nat.fast-path: off */
	__u32 ticked_s; /* CLOCK_BOOTTIME */
	__u64 offset_ns; /* from CLOCK_MONOTONIC to CLOCK_BOOTTIME: the time that the machine has slept */
};

/* The place of a device in hp_links. Of two with the same place the one that came first has it, and the other no noted way. */
#define HP_LINK_PLACE(ifindex) ((ifindex) & (LIMIT_LINKS - 1))

/* A device with an Ethernet header that noted ways lead from or to. Ports of a bridge are here for XDP alone, which comes before the bridge. */
struct hp_link {
	__u32 ifindex; /* 0: nobody's place */
	__u32 bridge; /* of a port: its bridge's number; 0: it is none */
	__u8 mac[6]; /* our address there, a port's that of its bridge */
	__u8 side; /* enum hp_side of what arrives */
	__u8 flags; /* HP_LINK_* */
};
#define HP_LINK_SENDS 0x1 /* XDP can send there: it stands in hp_out */
#define HP_LINK_IS_BRIDGE 0x2 /* the port that leads to an address stands in hp_fdb */

/*
 * Where a flow's session may be, by a hash of the flow that is cheaper than that of hp_flows4. A hint, written with each note of a way: the session itself says whether it is
 * the flow's. Of two flows with one place the later one has it, and the other is looked up as ever.
 */
struct hp_hint {
	__u32 tag; /* of the hash, what the place does not say */
	__u32 session; /* index times 2, and 1 for the responder's direction */
};

struct hp_fdb_key {
	__u32 bridge;
	__u8 mac[6];
	__u16 zero;
};

/* --- mappings --------------------------------------------------------------------------------------- */

enum hp_pool {
	HP_POOL_WAN = 0, /* external ports of the public address */
	HP_POOL_GATEWAY = 1, /* ports of the gateway's LAN address (hairpin-source: gateway) */
};

/*
 * Mapping: internal endpoint to external endpoint, endpoint independent (RFC 4787 REQ-1). With
 * HP_POOL_GATEWAY the external address depends on the server's segment, so `via` names it; it
 * is 0 for HP_POOL_WAN.
 */
struct hp_mapping_key {
	__be32 addr;
	__be16 port;
	__u8 proto;
	__u8 pool;
	__be32 via;
};

/* Bits 0-31 generation, 32-55 sessions that hold it, 56 dying. */
#define HP_MAPPING_REFS_SHIFT 32
#define HP_MAPPING_REF_ONE (1ULL << HP_MAPPING_REFS_SHIFT)
#define HP_MAPPING_REFS_MASK (0xffffffULL << HP_MAPPING_REFS_SHIFT)
#define HP_MAPPING_DYING (1ULL << 56)

/*
 * Lives as long as sessions hold it: the last one that ends frees it, so that there is one
 * timer and not two that must agree. `key` repeats the map's key, because an element of a hash
 * map is recycled at once and a holder must be able to see that it holds another one.
 */
struct hp_mapping {
	__u64 word;
	__be32 ext_addr;
	__be16 ext_port;
	__u8 host; /* owner is the gateway itself */
	__u8 fixed; /* external port of a declared forward: there is no binding, the rule is it */
	struct hp_mapping_key key;
	__u32 created_s;
};

/*
 * The reverse index. Inserting it with BPF_NOEXIST is the claim to the port. A port that is given back rests: its binding stays,
 * with the second in which it was freed, and is nobody's but its last owner's for PORT_REST_S (RFC 6888 REQ-8). Then
 * whoever wins the compare-and-exchange of the word may have it; `mapping` is written after that, so whoever reads it without owning
 * the binding has to see that the mapping it names has this very endpoint. `key` repeats the map's key, as in a mapping.
 */
struct hp_binding_key {
	__be32 addr;
	__be16 port;
	__u8 proto;
	__u8 zero;
};

struct hp_binding {
	__u64 word; /* bits 0-31 generation, 32-63 second in which it was freed, 0: in use */
	struct hp_mapping_key mapping;
	struct hp_binding_key key;
	__u32 zero;
};
#define HP_BINDING_FREED_SHIFT 32
#define HP_BINDING_GOING \
	0xffffffffu /* in place of the second: one CPU has won the right to delete it */

/* One entry of the queue of resting ports, oldest first, by which the sweep finds them. */
struct hp_rest {
	struct hp_binding_key key;
	__u32 freed_s;
};

/*
 * Address-dependent filtering: remote addresses that a mapping's host has spoken to, with the sessions that say so. Those of one external address
 * in a set, each in one word that says it all; what finds no room in its set has an element of hp_peers.
 */
struct hp_peer_key {
	__be32 ext_addr, remote;
	__be16 ext_port;
	__u8 proto;
	__u8 zero;
};

struct hp_peer {
	__u64 word; /* as that of a mapping: generation, references, dying */
	struct hp_peer_key key;
	__u32 zero;
};

/*
 * word[0]: bits 0-31 sessions that hold something in the set, 32-63 the external address that it is for meanwhile.
 * The others: bits 0-7 sessions that hold it, 0: nobody's, 8-15 protocol, 16-31 external port, 32-63 remote address.
 */
#define HP_PEER_SET_WORDS 8
struct hp_peer_set {
	__u64 word[HP_PEER_SET_WORDS];
};
#define HP_PEER_ADDR_SHIFT 32
#define HP_PEER_REFS_MASK 0xffULL
#define HP_PEER_PROTO_SHIFT 8
#define HP_PEER_PORT_SHIFT 16
#define HP_PEER_REMOTE_SHIFT 32

/*
 * What one internal host holds (RFC 6888 REQ-4, REQ-5). IPv4 as v4-mapped. IPv6 hosts beyond LIMIT_HOSTS6 are counted together, as their /64,
 * whose last 64 bits are 0.
 */
struct hp_host_key {
	__u8 addr[16] __attribute__((aligned(4))); /* nat_v4_mapped() */
};

struct hp_host {
	__u64 word; /* bits 0-23 sessions, 24-47 mappings, 48-62 generation, 63 dying */
	__u32 second, opened; /* sessions opened in that second; approximate across CPUs */
	struct hp_host_key key;
};
#define HP_HOST_SESSION_ONE 1ULL
#define HP_HOST_SESSIONS_MASK 0xffffffULL
#define HP_HOST_MAPPING_SHIFT 24
#define HP_HOST_MAPPING_ONE (1ULL << HP_HOST_MAPPING_SHIFT)
#define HP_HOST_MAPPINGS_MASK (0xffffffULL << HP_HOST_MAPPING_SHIFT)
#define HP_HOST_GENERATION_SHIFT 48
#define HP_HOST_DYING (1ULL << 63)

/* Counted exactly, by whoever takes and gives back. One to a line of the cache: all CPUs write them. */
enum hp_total_of {
	HP_TOTAL_FREE, /* sessions that are on the free list */
	HP_TOTAL_TCP, /* bindings of HP_POOL_WAN, in use and resting */
	HP_TOTAL_UDP,
	HP_TOTAL_ICMP,
	HP_TOTAL_SESSIONS, /* the size of the table */
	HP_TOTAL_OUTSIDE, /* sessions with HP_SESSION_OUTSIDE */
	HP_TOTAL_PLACES, /* of the ring hp_unproven, handed out so far */
	HP_TOTAL_HOSTS6, /* elements of hp_hosts that are of IPv6 */
	HP_TOTAL_SEED, /* no count: by chance, and the same as long as the tables live (peer_set.h) */
	HP_TOTAL_MAX,
};

struct hp_total {
	__u64 n;
	__u64 zero[7];
};

/* --- the clock: expiry in the kernel --------------------------------------------------------------- */

struct hp_clock {
	struct bpf_timer timer;
	__u64 period_ns; /* between two slices */
	__u32 slice; /* sessions looked at in one go */
	__u32 next; /* the first of the next slice */
	__u32 ticked_s; /* when it last ran */
	__u32 zero;
};

/* --- fragments ------------------------------------------------------------------------------------- */

/* A datagram whose first fragment was decided; the others of it follow (RFC 791: these four name it). */
struct hp_fragment_key {
	__be32 saddr, daddr;
	__be16 id;
	__u8 proto;
	__u8 side;
};

struct hp_fragment {
	__be32 saddr, daddr; /* as translated */
	__u32 seen_s;
	__u8 action; /* of the first one, enum nat_action */
	__u8 to_wan;
	__u16 reason; /* enum hp_reason */
};

/* Whose fragments wait in the sorter. */
enum hp_sorter_class {
	HP_SORTER_LAN = 0,
	HP_SORTER_KNOWN, /* outside, and an inside host has spoken with it */
	HP_SORTER_STRANGER,
	HP_SORTER_CLASS_MAX,
};

/*
 * What a source, or a class of them, has in the sorter: units taken less units that came back. By windows of SORTER_WAIT_S, since what
 * never comes back has been thrown away by the end of the next one. Approximate across CPUs.
 */
struct hp_sorter_use {
	__u32 window;
	__s32 used, before; /* in this window and in the one before */
	__u32 known_s; /* a source outside: when an inside host spoke with it last; 0: never */
};

/* --- the plan as the programs see it ------------------------------------------------------------------ */

enum hp_rule_kind {
	HP_RULE_EXTERNAL = 1, /* key: proto and external port; addr is zero */
	HP_RULE_HOST = 2, /* key: proto, declared host (v4-mapped or IPv6) and its own port */
	HP_RULE_LINK = 3, /* key: port and proto 0, ifindex in the last four octets of addr */
	HP_RULE_FILTER =
		4, /* key: proto, internal host (v4-mapped), port 0: filtering of its dynamic mappings */
	HP_RULE_ASKER =
		5, /* key: internal host (v4-mapped), proto and port 0: asks DNS servers outside itself */
};

struct hp_rule_key {
	__u8 addr[16] __attribute__((aligned(4))); /* nat_v4_mapped() */
	__be16 port;
	__u8 proto;
	__u8 kind;
};

enum hp_action {
	HP_ACTION_FORWARD =
		1, /* EXTERNAL: to host:host_port. HOST: declared, ext_port is its name outside */
	HP_ACTION_PASS =
		2, /* EXTERNAL: the gateway's own, of wan.pass or of a service; host_port is where it listens */
	HP_ACTION_PINHOLE = 3, /* HOST with an IPv6 address: let in from WAN */
	HP_ACTION_LINK = 4,
	HP_ACTION_FILTER = 5,
	HP_ACTION_ASKER = 6,
};

/* Who may send to a dynamic mapping (RFC 4787 section 5). */
enum hp_filtering {
	HP_FILTER_ENDPOINT_INDEPENDENT = 0, /* everybody */
	HP_FILTER_ADDRESS_DEPENDENT = 1, /* addresses that its host has sent to */
	HP_FILTER_ADDRESS_AND_PORT_DEPENDENT = 2, /* endpoints that its host has sent to */
};

enum hp_hairpin_source {
	HP_HAIRPIN_EXTERNAL = 0,
	HP_HAIRPIN_CLIENT,
	HP_HAIRPIN_GATEWAY,
};

/* Of no service: wan.pass. */
#define HP_SERVICE_NONE 0xffffffffu

struct hp_rule {
	__u8 action; /* enum hp_action */
	__u8 hairpin_source; /* enum hp_hairpin_source, FORWARD only */
	__be16 host_port;
	__be16 ext_port; /* 0 in a HOST rule: no external port (pinhole only) */
	__u8 link_side; /* LINK: enum hp_side; on one arm HP_SIDE_LAN */
	__u8 isolated; /* LINK: an isolated segment */
	__be32 host;
	__be32 gateway; /* FORWARD: our own address on the host's segment, for `gateway`. LINK: same of the link */
	__u32 service; /* index into the plan's services, or HP_SERVICE_NONE */
	__u32 allow; /* set of the prefix table that may use it from WAN; 0: everybody */
	__u8 filtering; /* FILTER: enum hp_filtering */
	__u8 no_ethernet; /* LINK: packets of this device have no Ethernet header (PPPoE, TUN) */
	__u16 mtu; /* LINK: of the device, host byte order; a larger one counts as 65535 */
	__u8 outside_gateway; /* FORWARD: who comes from outside gets `gateway` as his source, since the host's answers would miss us else */
	__u8 zero[3];
};

/* The prefix table: set 0 is the map of the networks, every other set an allow list. */
struct hp_prefix_key {
	__u32 prefixlen; /* bits of set + addr that count: 32 + prefix length, 128 + n for v4 */
	__u32 set;
	__u8 addr[16];
};

enum hp_net_kind {
	HP_NET_LAN = 1, /* a prefix of a segment, or routed through it */
	HP_NET_LOCAL, /* an address of the gateway that is not on WAN */
	HP_NET_WAN_LOCAL, /* an address of the WAN device: a public address */
	HP_NET_ALLOWED, /* in an allow list */
	HP_NET_PUBLIC, /* a public address of ours that another router has: ours where something is declared, outside where nothing is */
	HP_NET_MAX,
};

struct hp_prefix {
	__u8 kind; /* enum hp_net_kind */
	__u8 isolated;
	__u8 zero[2];
	__u32 ifindex; /* of the segment; 0 for allow lists */
};

struct hp_settings {
	__u32 generation; /* of the plan, as `status` shows it */
	__u32 wan_ifindex; /* 0: no WAN now */
	__be32 wan_addr; /* primary public address, source of new mappings; on one arm our address in the LAN; 0: none now */
	__be32 loop_addr; /* source of loopback with `external`: wan_addr, or the public address that another router has */
	__u16 port_first, port_last; /* nat.ports, host byte order */
	__u8 hairpin_source; /* for dynamic mappings; services carry their own */
	__u8 pass_icmp_echo;
	__u8 check_source; /* several segments: also in a known flow, a source must be of the segment it comes from */
	__u8 hairpin_filtered; /* nat.hairpin-filtering: same. Hairpinned packets to dynamic mappings are judged too */
	__u8 filtering_udp,
		filtering_tcp; /* enum hp_filtering; an HP_RULE_FILTER of the host wins */
	__u8 peers_udp,
		peers_tcp; /* somebody's filtering is address-dependent: sessions note their remote address */
	__u8 port_parity; /* a port found by chance is odd or even as the host's own (RFC 4787 REQ-4) */
	__u8 pickup; /* nat.tcp-pickup: an outgoing segment in the middle of a connection opens a session */
	__u8 silent; /* nat.unsolicited: silent. No ICMP error answers what WAN was not invited to send */
	__u8 wan_no_ethernet; /* the WAN device has no Ethernet header */
	__u8 lan_no_ethernet; /* a LAN device has none: LINK rules are asked which */
	__u8 block_dot; /* dns.block-dot: nothing from a LAN opens a flow to port 853 outside */
	__u8 lead_questions; /* dns.redirect: what a LAN sends to port 53 outside is the stack's, which the guard leads to our server */
	__u8 one_arm; /* role bypass: the WAN device is the LAN, and a source in no network of set 0 is outside */
	__u8 routed; /* nat.outgoing: route. What a LAN opens outwards is the stack's and keeps its source */
	__u8 zero[3];
	__u16 mss_wan; /* TCP segment size towards and from WAN over IPv4, over IPv6 20 less; 0: not clamped */
	__u16 sorter_mtu; /* smallest MTU of all our devices: what the sorter cuts to */
	__u32 sorter_ifindex; /* our end of the sorter's cable; 0: there is none, fragments are dropped */
	__u32 udp_s, tcp_established_s, tcp_transitory_s, icmp_s, other_s; /* nat.timeouts */
	__u32 mappings_per_host, sessions_per_host; /* 0: as many as there are */
	__u32 new_per_host; /* sessions that one host may open in a second; 0: any number */
};

/* Of an initializer: what nat.timeouts and nat.limits are where the configuration says nothing. */
#define HP_SETTINGS_DEFAULTS                                                          \
	.udp_s = TIMEOUT_UDP_S, .tcp_established_s = TIMEOUT_TCP_ESTABLISHED_S,       \
	.tcp_transitory_s = TIMEOUT_TCP_TRANSITORY_S, .icmp_s = TIMEOUT_ICMP_QUERY_S, \
	.other_s = TIMEOUT_OTHER_S

/* One place in the ring of sessions that outsiders began; replaced there, an unproven one ends. */
struct hp_unproven {
	__u64 word; /* bits 0-31 generation, 32-63 index */
};
#define HP_UNPROVEN_INDEX_SHIFT 32

/* Two slots; `hp_active` (one __u32) names the one in force, so that one write swaps the plan. */
#define HP_SLOTS 2

/* --- arguments of the programs that the daemon runs, word by word in cb of struct __sk_buff ----------- */

struct hp_fill_args {
	__u32 first, count; /* session indices to put on the free list */
	__u32 filled; /* out */
};

/* hp_import; the frame is the struct hp_session to take over. */
struct hp_import_args {
	__u32 reason; /* out: enum hp_reason, 0: taken over */
};

struct hp_sweep_args {
	__u32 first, count; /* slice of the session array */
	__u32 audit; /* also end what the active plan no longer admits */
	__u32 ended; /* out: sessions ended */
};

struct hp_clock_args {
	__u32 slice; /* sessions for each tick */
	__u32 period_us; /* between two ticks */
	__u32 failed; /* out: the negated error of the kernel, 0: it runs */
};

/*
 * Maps by name (bpf/maps.h):
 *   hp_flows4      HASH            struct hp_flow4 → struct hp_flow_ref     2 × sessions
 *   hp_flows6      HASH            struct hp_flow6 → struct hp_flow_ref     1 × sessions
 *   hp_sessions    ARRAY           __u32 → struct hp_session                sessions
 *   hp_free        QUEUE           __u32 session index                      sessions
 *   hp_unproven    ARRAY           __u32 → struct hp_unproven               sessions / 8: the quota of outsiders, a ring
 *   hp_mappings    HASH            struct hp_mapping_key → struct hp_mapping
 *   hp_bindings    HASH            struct hp_binding_key → struct hp_binding
 *   hp_resting     QUEUE           struct hp_rest
 *   hp_old_ports   LRU_HASH        struct hp_mapping_key → struct hp_binding_key  the port it had, where that was not its own: a hint
 *   hp_peer_sets   ARRAY           hash of a struct hp_peer_key → struct hp_peer_set    sessions / 4
 *   hp_peers       HASH            struct hp_peer_key → struct hp_peer      sessions / 8: what its set has no room for
 *   hp_hosts       HASH            struct hp_host_key → struct hp_host
 *   hp_totals      ARRAY           enum hp_total_of → struct hp_total
 *   hp_clock       ARRAY           0 → struct hp_clock
 *   hp_notes       LRU_HASH        struct hp_flow4 → __u32 second           unsolicited SYNs: a hint, not state. With HP_SIDE_ARM: struct backend_past, as daddr and dport
 *   hp_fragments   LRU_HASH        struct hp_fragment_key → struct hp_fragment
 *   hp_sorter_sources  LRU_HASH    __be32 source → struct hp_sorter_use     not pinned: it begins anew with the programs
 *   hp_sorter_classes  ARRAY       enum hp_sorter_class → struct hp_sorter_use    the same
 *   hp_rules       ARRAY_OF_MAPS   slot → HASH struct hp_rule_key → struct hp_rule
 *   hp_prefixes    ARRAY_OF_MAPS   slot → LPM_TRIE struct hp_prefix_key → struct hp_prefix
 *   hp_settings    ARRAY           slot → struct hp_settings
 *   hp_active      ARRAY           0 → __u32 slot
 *   hp_pace        ARRAY           0 → struct hp_pace
 *   hp_links       ARRAY           HP_LINK_PLACE() → struct hp_link         not pinned, nor are the next three: the daemon fills them
 *   hp_hints       ARRAY           hash of a flow → struct hp_hint
 *   hp_fdb         HASH            struct hp_fdb_key → __u32 place of the port
 *   hp_out         DEVMAP          HP_LINK_PLACE() → __u32 ifindex            what XDP sends to
 *   hp_reasons     PERCPU_ARRAY    enum hp_reason → __u64 packets
 *   hp_stats       PERCPU_ARRAY    enum hp_stat → __u64
 * Programs: hp_lan_ingress, hp_wan_ingress, hp_arm_ingress (both sides on one device), hp_wan_egress, hp_sorted (ingress of the sorter's device); by test run only:
 * hp_fill, hp_sweep, hp_import, hp_clock_start. All tc. And one of XDP: hp_fast.
 */

_Static_assert((LIMIT_SORTER_LAN + LIMIT_SORTER_KNOWN + LIMIT_SORTER_STRANGERS) *
			       SORTER_UNIT_BYTES <=
		       LIMIT_SORTER_BYTES,
	       "the classes never fill the sorter, so that the kernel never refuses by chance");
_Static_assert(sizeof(struct hp_flow4) == 16, "flow key");
_Static_assert(sizeof(struct hp_flow6) == 40, "flow key");
_Static_assert(sizeof(struct hp_flow_ref) == 8, "flow");
_Static_assert(sizeof(struct hp_peer_set) == 64, "a set of peers is a line of the cache");
_Static_assert(sizeof(struct hp_session) == 128, "session");
_Static_assert(sizeof(struct hp_way) == 24, "way");
_Static_assert(sizeof(struct hp_link) == 16, "link");
_Static_assert(sizeof(struct hp_fdb_key) == 12, "address of a bridge");
_Static_assert(HP_REASON_MAX <= 256, "the reason of a way is an octet");
_Static_assert(sizeof(struct hp_mapping) == 32, "mapping");
_Static_assert(sizeof(struct hp_mapping_key) == 12, "mapping key");
_Static_assert(sizeof(struct hp_binding) == 32, "binding");
_Static_assert(sizeof(struct hp_rule_key) == 20, "rule key");
_Static_assert(sizeof(struct hp_rule) == 32, "rule");
_Static_assert(sizeof(struct hp_settings) == 80, "settings");
