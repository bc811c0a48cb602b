// SPDX-License-Identifier: GPL-2.0-or-later
/* The tables in words. */
#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include <bpf/libbpf.h>

#include "addr.h"
#include "hairpin.skel.h"
#include "rig_maps.h"

static const char *const sides[] = {"?", "lan", "wan", "host"};

static void add_protocol(struct strbuf *out, __u8 proto)
{
	switch (proto) {
	case IPPROTO_TCP:
		strbuf_add(out, "tcp");
		break;
	case IPPROTO_UDP:
		strbuf_add(out, "udp");
		break;
	case IPPROTO_ICMP:
		strbuf_add(out, "icmp");
		break;
	default:
		strbuf_add(out, "proto%u", proto);
	}
}

static void add_end4(struct strbuf *out, __be32 addr, __be16 port)
{
	struct ip_addr ip = ip_addr_from_v4(addr);
	char text[IP_TEXT_MAX];

	strbuf_add(out, "%s:%u", ip_addr_format(&ip, text), ntohs(port));
}

static void add_tuple4(struct strbuf *out, const char *side, const struct hp_tuple4 *t)
{
	strbuf_add(out, " %s ", side);
	add_end4(out, t->saddr, t->sport);
	strbuf_add(out, ">");
	add_end4(out, t->daddr, t->dport);
}

static void add_tuple6(struct strbuf *out, const struct hp_session *s)
{
	struct ip_addr source = ip_addr_from_v6(s->v6.saddr);
	struct ip_addr destination = ip_addr_from_v6(s->v6.daddr);
	char from[IP_TEXT_MAX], to[IP_TEXT_MAX];

	strbuf_add(out, " %s [%s]:%u>[%s]:%u %s", sides[s->orig_side & 3],
		   ip_addr_format(&source, from), ntohs(s->v6.sport),
		   ip_addr_format(&destination, to), ntohs(s->v6.dport), sides[s->reply_side & 3]);
}

static void add_session(struct strbuf *out, const struct hp_session *s)
{
	static const char *const kinds[HP_KIND_MAX] = {
		[HP_KIND_OUTGOING] = "outgoing", [HP_KIND_FORWARD] = "forward",
		[HP_KIND_HAIRPIN] = "hairpin",	 [HP_KIND_HOST] = "host",
		[HP_KIND_ROUTED] = "routed",	 [HP_KIND_INCOMING] = "incoming",
	};
	static const char *const tcp[HP_TCP_STATE_MAX] = {
		"",	      " syn",	 " syn-ack", " established", " fin-orig",
		" fin-reply", " closed", " reset",   " reset-orig",  " reset-reply",
	};
	unsigned int flags = rig_flags(s);

	strbuf_add(out, "%s ", kinds[s->kind]);
	add_protocol(out, s->proto);
	if (flags & HP_SESSION_V6) {
		add_tuple6(out, s);
	} else {
		add_tuple4(out, sides[s->orig_side & 3], &s->v4.orig);
		add_tuple4(out, sides[s->reply_side & 3], &s->v4.xlat);
	}
	strbuf_add(out, "%s%s%s%s", tcp[(s->word >> HP_WORD_TCP_SHIFT) & 0xff],
		   flags & HP_SESSION_REPLIED ? " replied" : "",
		   flags & HP_SESSION_SELF ? " self" : "",
		   s->pool == HP_POOL_GATEWAY ? " gateway" : "");
	if (s->service != 0xffffffff)
		strbuf_add(out, " service%u", s->service);
	strbuf_add(out, "\n");
}

static void add_mapping(struct strbuf *out, const struct hp_mapping *m)
{
	strbuf_add(out, "mapping ");
	add_protocol(out, m->key.proto);
	strbuf_add(out, " ");
	add_end4(out, m->key.addr, m->key.port);
	strbuf_add(out, " = ");
	add_end4(out, m->ext_addr, m->ext_port);
	strbuf_add(out, " x%u%s%s%s\n",
		   (unsigned int)((m->word & HP_MAPPING_REFS_MASK) >> HP_MAPPING_REFS_SHIFT),
		   m->host ? " host" : "", m->fixed ? " fixed" : "",
		   m->key.pool == HP_POOL_GATEWAY ? " gateway" : "");
}

static void add_peer(struct strbuf *out, const struct hp_peer *p)
{
	struct ip_addr remote = ip_addr_from_v4(p->key.remote);
	char text[IP_TEXT_MAX];

	strbuf_add(out, "peer ");
	add_protocol(out, p->key.proto);
	strbuf_add(out, " ");
	add_end4(out, p->key.ext_addr, p->key.ext_port);
	strbuf_add(out, " < %s x%u\n", ip_addr_format(&remote, text),
		   (unsigned int)((p->word & HP_MAPPING_REFS_MASK) >> HP_MAPPING_REFS_SHIFT));
}

static int compare_mappings(const void *a, const void *b)
{
	const struct hp_mapping *left = a, *right = b;

	return memcmp(&left->key, &right->key, sizeof(left->key));
}

void rig_state(struct rig *rig, struct strbuf *ret_text)
{
	_entries_ struct rig_entries mappings =
		rig_entries_read(bpf_map__fd(rig->skel->maps.hp_mappings),
				 sizeof(struct hp_mapping_key), sizeof(struct hp_mapping));

	_entries_ struct rig_entries peers = rig_peers_read(rig);

	for (__u32 i = 0; i < rig->sessions; i++) {
		struct hp_session s = rig_session(rig, i);

		if (rig_is_active(&s))
			add_session(ret_text, &s);
	}
	qsort(mappings.values, mappings.n, sizeof(struct hp_mapping), compare_mappings);
	for (size_t i = 0; i < mappings.n; i++)
		add_mapping(ret_text, (struct hp_mapping *)mappings.values + i);
	for (size_t i = 0; i < peers.n; i++)
		add_peer(ret_text, (struct hp_peer *)peers.values + i);
}

void rig_expect_state(struct rig *rig, const char *text)
{
	_strbuf_ struct strbuf state = {0};

	rig_state(rig, &state);
	assert_string_equal(strbuf_text(&state), text);
}
