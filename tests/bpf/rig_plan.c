// SPDX-License-Identifier: GPL-2.0-or-later
/* A plan in words (rig.h), written into the maps of one slot. */
#include <arpa/inet.h>
#include <linux/bpf.h>
#include <stdlib.h>
#include <string.h>

#include <bpf/bpf.h>

#include "addr.h"
#include "hairpin.skel.h"
#include "rig_maps.h"

#define PLAN_ENTRIES 256

/* The plan on its way into the maps. */
struct writer {
	struct rig *rig;
	int rules, prefixes;
	struct hp_settings settings;
	char *rest; /* of the line, for strtok_r */
};

static const char *next_word(struct writer *w)
{
	return strtok_r(NULL, " ", &w->rest);
}

static const char *need_word(struct writer *w)
{
	const char *word = next_word(w);

	if (!word)
		fail_msg("plan: a word is missing");
	return word;
}

static __u32 need_number(struct writer *w)
{
	return (__u32)strtoul(need_word(w), NULL, 10);
}

static struct ip_net need_net(struct writer *w)
{
	const char *word = need_word(w);
	struct ip_net net;

	if (ip_net_parse(word, &net))
		fail_msg("plan: %s is no prefix", word);
	return net;
}

static __u8 need_protocol(struct writer *w)
{
	return strcmp(need_word(w), "tcp") ? IPPROTO_UDP : IPPROTO_TCP;
}

static __be16 need_port(struct writer *w)
{
	return htons((__u16)need_number(w));
}

static __u8 need_source(struct writer *w)
{
	return strcmp(need_word(w), "client") ? HP_HAIRPIN_GATEWAY : HP_HAIRPIN_CLIENT;
}

static void put_rule(struct writer *w, const struct hp_rule_key *key, const struct hp_rule *rule)
{
	assert_int_equal(bpf_map_update_elem(w->rules, key, rule, BPF_NOEXIST), 0);
}

static void put_prefix(struct writer *w, __u32 set, const struct ip_net *net,
		       const struct hp_prefix *prefix)
{
	__u32 skip = ip_addr_is_v4(&net->addr) ? 96 : 0;
	struct hp_prefix_key key = {.prefixlen = 32 + skip + net->length, .set = set};

	memcpy(key.addr, net->addr.b, 16);
	assert_int_equal(bpf_map_update_elem(w->prefixes, &key, prefix, BPF_NOEXIST), 0);
}

static __u8 need_filtering(struct writer *w)
{
	static const char *const words[] = {
		[HP_FILTER_ENDPOINT_INDEPENDENT] = "independent",
		[HP_FILTER_ADDRESS_DEPENDENT] = "address",
		[HP_FILTER_ADDRESS_AND_PORT_DEPENDENT] = "port",
	};
	const char *word = need_word(w);

	for (__u8 i = 0; i < ARRAY_SIZE(words); i++) {
		if (!strcmp(word, words[i]))
			return i;
	}
	fail_msg("plan: %s is no filtering", word);
	return 0;
}

/* Peers are kept as soon as somebody's filtering needs them, as the plan does it. */
static __u8 read_filtering(struct writer *w, __u8 proto)
{
	__u8 filtering = need_filtering(w);

	if (filtering == HP_FILTER_ADDRESS_DEPENDENT && proto == IPPROTO_TCP)
		w->settings.peers_tcp = 1;
	else if (filtering == HP_FILTER_ADDRESS_DEPENDENT)
		w->settings.peers_udp = 1;
	return filtering;
}

static void write_filter(struct writer *w)
{
	struct hp_rule_key key = {.kind = HP_RULE_FILTER};
	struct hp_rule rule = {.action = HP_ACTION_FILTER};
	struct ip_net host;

	key.proto = need_protocol(w);
	host = need_net(w);
	memcpy(key.addr, host.addr.b, 16);
	rule.filtering = read_filtering(w, key.proto);
	put_rule(w, &key, &rule);
}

/* A word of the line that begins with "wan"; false: none of those here. */
static bool write_judging(struct writer *w, const char *word)
{
	if (!strcmp(word, "silent"))
		w->settings.silent = 1;
	else if (!strcmp(word, "nodot"))
		w->settings.block_dot = 1;
	else if (!strcmp(word, "lead"))
		w->settings.lead_questions = 1;
	else if (!strcmp(word, "same"))
		w->settings.hairpin_filtered = 1;
	else if (!strcmp(word, "udp"))
		w->settings.filtering_udp = read_filtering(w, IPPROTO_UDP);
	else if (!strcmp(word, "tcp"))
		w->settings.filtering_tcp = read_filtering(w, IPPROTO_TCP);
	else
		return false;
	return true;
}

/* The same: words of role bypass. */
static bool write_arm(struct writer *w, const char *word)
{
	struct ip_net loop;

	if (!strcmp(word, "arm")) {
		w->settings.one_arm = 1;
		w->settings.check_source = 0;
	} else if (!strcmp(word, "routed")) {
		w->settings.routed = 1;
	} else if (!strcmp(word, "loop")) {
		loop = need_net(w);
		w->settings.loop_addr = ip_addr_v4(&loop.addr);
	} else {
		return false;
	}
	return true;
}

static void write_wan(struct writer *w)
{
	const char *word = need_word(w);
	struct ip_addr addr;

	w->settings.wan_ifindex = w->rig->ifindex[RIG_WAN];
	w->settings.wan_addr = ip_addr_parse(word, &addr) ? 0 : ip_addr_v4(&addr);
	while ((word = next_word(w))) {
		if (!strcmp(word, "echo"))
			w->settings.pass_icmp_echo = 1;
		else if (write_judging(w, word) || write_arm(w, word))
			continue;
		else if (!strcmp(word, "pickup"))
			w->settings.pickup = 1;
		else if (!strcmp(word, "parity"))
			w->settings.port_parity = 1;
		else if (!strcmp(word, "source"))
			w->settings.hairpin_source = need_source(w);
		else if (!strcmp(word, "mss"))
			w->settings.mss_wan = (__u16)need_number(w);
		else if (strcmp(word, "ports") ||
			 sscanf(need_word(w), "%hu-%hu", &w->settings.port_first,
				&w->settings.port_last) != 2)
			fail_msg("plan: wan: what is %s?", word);
	}
}

static void write_limits(struct writer *w)
{
	const char *word;

	while ((word = next_word(w))) {
		if (!strcmp(word, "mappings"))
			w->settings.mappings_per_host = need_number(w);
		else if (!strcmp(word, "sessions"))
			w->settings.sessions_per_host = need_number(w);
		else if (!strcmp(word, "new"))
			w->settings.new_per_host = need_number(w);
		else
			fail_msg("plan: limits: what is %s?", word);
	}
}

static void write_timeouts(struct writer *w)
{
	const char *word;

	while ((word = next_word(w))) {
		if (!strcmp(word, "udp"))
			w->settings.udp_s = need_number(w);
		else if (!strcmp(word, "tcp-established"))
			w->settings.tcp_established_s = need_number(w);
		else if (!strcmp(word, "tcp-transitory"))
			w->settings.tcp_transitory_s = need_number(w);
		else if (!strcmp(word, "icmp"))
			w->settings.icmp_s = need_number(w);
		else if (!strcmp(word, "other"))
			w->settings.other_s = need_number(w);
		else
			fail_msg("plan: timeouts: what is %s?", word);
	}
}

static void write_link(struct writer *w)
{
	struct hp_rule_key key = {.kind = HP_RULE_LINK};
	struct hp_rule rule = {.action = HP_ACTION_LINK, .service = 0xffffffff};
	__u32 ifindex = rig_device_index(w->rig, need_word(w));
	struct ip_net addr = need_net(w);
	const char *word = next_word(w);

	memcpy(key.addr + 12, &ifindex, sizeof(ifindex));
	rule.link_side = ifindex == w->rig->ifindex[RIG_WAN] && !(word && !strcmp(word, "arm"))
				 ? HP_SIDE_WAN
				 : HP_SIDE_LAN;
	rule.gateway = ip_addr_v4(&addr.addr);
	rule.isolated = word && !strcmp(word, "isolated");
	put_rule(w, &key, &rule);
}

static void write_net(struct writer *w)
{
	struct ip_net net = need_net(w);
	const char *kind = need_word(w);
	struct hp_prefix prefix = {
		.kind = !strcmp(kind, "lan")	  ? HP_NET_LAN
			: !strcmp(kind, "local")  ? HP_NET_LOCAL
			: !strcmp(kind, "public") ? HP_NET_PUBLIC
						  : HP_NET_WAN_LOCAL,
		.ifindex = rig_device_index(w->rig, need_word(w)),
	};

	prefix.isolated = next_word(w) != NULL;
	put_prefix(w, 0, &net, &prefix);
}

/* What may follow a service's addresses. */
static void write_options(struct writer *w, struct hp_rule *rule)
{
	const char *word;
	struct ip_net gateway;

	while ((word = next_word(w))) {
		if (!strcmp(word, "source")) {
			rule->hairpin_source = need_source(w);
		} else if (!strcmp(word, "allow")) {
			rule->allow = need_number(w);
		} else if (!strcmp(word, "service")) {
			rule->service = need_number(w);
		} else if (!strcmp(word, "outside")) {
			rule->outside_gateway = 1;
		} else if (!strcmp(word, "inside")) {
			rule->host_port = need_port(w);
		} else if (!strcmp(word, "gateway")) {
			gateway = need_net(w);
			rule->gateway = ip_addr_v4(&gateway.addr);
		} else {
			fail_msg("plan: what is %s?", word);
		}
	}
}

static void write_forward(struct writer *w)
{
	struct hp_rule_key outside = {.kind = HP_RULE_EXTERNAL}, host = {.kind = HP_RULE_HOST};
	struct hp_rule rule = {.action = HP_ACTION_FORWARD};
	struct ip_addr addr;
	char text[64], *port;

	outside.proto = host.proto = need_protocol(w);
	outside.port = rule.ext_port = need_port(w);
	snprintf(text, sizeof(text), "%s", need_word(w));
	port = strchr(text, ':');
	assert_non_null(port);
	*port++ = 0;
	assert_int_equal(ip_addr_parse(text, &addr), 0);
	memcpy(host.addr, addr.b, 16);
	rule.host = ip_addr_v4(&addr);
	host.port = rule.host_port = htons((__u16)atoi(port));
	write_options(w, &rule);
	put_rule(w, &outside, &rule);
	put_rule(w, &host, &rule);
}

static void write_pass(struct writer *w)
{
	struct hp_rule_key key = {.kind = HP_RULE_EXTERNAL};
	struct hp_rule rule = {.action = HP_ACTION_PASS, .service = HP_SERVICE_NONE};

	key.proto = need_protocol(w);
	key.port = rule.host_port = need_port(w);
	write_options(w, &rule);
	put_rule(w, &key, &rule);
}

static void write_pinhole(struct writer *w)
{
	struct hp_rule_key key = {.kind = HP_RULE_HOST};
	struct hp_rule rule = {.action = HP_ACTION_PINHOLE};
	struct ip_net host;

	key.proto = need_protocol(w);
	host = need_net(w);
	memcpy(key.addr, host.addr.b, 16);
	key.port = rule.host_port = need_port(w);
	write_options(w, &rule);
	put_rule(w, &key, &rule);
}

static void write_asker(struct writer *w)
{
	struct hp_rule_key key = {.kind = HP_RULE_ASKER};
	const struct hp_rule rule = {.action = HP_ACTION_ASKER};
	struct ip_net host = need_net(w);

	memcpy(key.addr, host.addr.b, 16);
	put_rule(w, &key, &rule);
}

static void write_allow(struct writer *w)
{
	const struct hp_prefix allowed = {.kind = HP_NET_ALLOWED};
	__u32 set = need_number(w);
	struct ip_net net = need_net(w);

	put_prefix(w, set, &net, &allowed);
}

/* Packets only go as far as the verdict: any device of the rig serves as its cable. */
static void write_sorter(struct writer *w)
{
	w->settings.sorter_ifindex = w->rig->ifindex[RIG_OTHER];
	w->settings.sorter_mtu = (__u16)need_number(w);
}

static void write_line(struct writer *w, char *line)
{
	static const struct {
		const char *word;
		void (*write)(struct writer *w);
	} kinds[] = {
		{"wan", write_wan},	      {"link", write_link},	{"net", write_net},
		{"forward", write_forward},   {"pass", write_pass},	{"pinhole", write_pinhole},
		{"allow", write_allow},	      {"filter", write_filter}, {"limits", write_limits},
		{"timeouts", write_timeouts}, {"sorter", write_sorter}, {"asker", write_asker},
	};
	const char *word = strtok_r(line, " ", &w->rest);

	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		if (strcmp(word, kinds[i].word))
			continue;
		kinds[i].write(w);
		return;
	}
	fail_msg("plan: what is %s?", word);
}

static void open_tables(struct writer *w)
{
	LIBBPF_OPTS(bpf_map_create_opts, trie, .map_flags = BPF_F_NO_PREALLOC);

	w->rules = bpf_map_create(BPF_MAP_TYPE_HASH, "rules", sizeof(struct hp_rule_key),
				  sizeof(struct hp_rule), PLAN_ENTRIES, NULL);
	w->prefixes =
		bpf_map_create(BPF_MAP_TYPE_LPM_TRIE, "prefixes", sizeof(struct hp_prefix_key),
			       sizeof(struct hp_prefix), PLAN_ENTRIES, &trie);
	assert_true(w->rules >= 0 && w->prefixes >= 0);
}

static void put_in_slot(struct rig *rig, __u32 slot, const struct writer *w)
{
	struct hairpin_bpf *skel = rig->skel;

	assert_int_equal(bpf_map_update_elem(bpf_map__fd(skel->maps.hp_rules), &slot, &w->rules, 0),
			 0);
	assert_int_equal(
		bpf_map_update_elem(bpf_map__fd(skel->maps.hp_prefixes), &slot, &w->prefixes, 0),
		0);
	assert_int_equal(
		bpf_map_update_elem(bpf_map__fd(skel->maps.hp_settings), &slot, &w->settings, 0),
		0);
	close(w->rules);
	close(w->prefixes);
}

void rig_plan_write(struct rig *rig, __u32 slot, const char *plan)
{
	struct writer w = {.rig = rig,
			   .settings = {HP_SETTINGS_DEFAULTS, .port_first = 1024,
					.port_last = 65535, .check_source = 1,
					.filtering_udp = HP_FILTER_ADDRESS_AND_PORT_DEPENDENT,
					.filtering_tcp = HP_FILTER_ADDRESS_AND_PORT_DEPENDENT}};
	_free_ char *text = strdup(plan);
	char *rest, *line;

	assert_non_null(text);
	open_tables(&w);
	for (line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest))
		write_line(&w, line);
	put_in_slot(rig, slot, &w);
}

void rig_plan_activate(struct rig *rig, __u32 slot)
{
	__u32 zero = 0;

	assert_int_equal(
		bpf_map_update_elem(bpf_map__fd(rig->skel->maps.hp_active), &zero, &slot, 0), 0);
}
