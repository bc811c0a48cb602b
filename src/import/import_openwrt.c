// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Forwards of /etc/config/firewall: sections `redirect`, and sections `rule` that open a host's IPv6 address. (The options of firewall4's are in
 * root/usr/share/ucode/fw4.uc.)
 */
#include "import_openwrt.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "import_internal.h"
#include "openwrt_network.h"

/* What `hairpin export openwrt` puts before the name of a service. */
#define OUR_PREFIX "hairpin: "

/* A section while it becomes forwards. */
struct reading {
	struct import *import;
	const struct uci *uci;
	const struct uci_section *section;
	struct import_rule to;
	bool has_tcp, has_udp;
	bool is_left; /* somebody has said why */
};

static void said(struct reading *reading, const char *key, const char *why)
{
	const struct uci_section *section = reading->section;
	const char *name = uci_value(section, "name");
	_strbuf_ struct strbuf place = {0};

	uci_place(section, &place);
	import_note(reading->import, "%s%s%s%s:%s%s%s %s", strbuf_text(&place), name ? " \"" : "",
		    name ? name : "", name ? "\"" : "", key ? " option " : "", key ? key : "",
		    key ? ":" : "", why);
}

/* The section is no forward. */
static void leave(struct reading *reading, const char *key, const char *why)
{
	said(reading, key, why);
	reading->is_left = true;
}

/* --- options ------------------------------------------------------------------------------- */

static void host_read(struct reading *reading, const char *key, const char *text, bool is_v4)
{
	struct ip_addr *host = &reading->to.host;

	if (ip_addr_parse(text, host) || ip_addr_is_v4(host) != is_v4)
		leave(reading, key,
		      is_v4 ? "no IPv4 address of one host" : "no IPv6 address of one host");
}

static int proto_add(void *data, const char *word)
{
	struct reading *reading = data;
	bool is_both = !strcasecmp(word, "tcpudp") || !strcasecmp(word, "all") ||
		       !strcasecmp(word, "any") || !strcmp(word, "*");

	if (is_both || !strcasecmp(word, "tcp") || !strcmp(word, "6"))
		reading->has_tcp = true;
	if (is_both || !strcasecmp(word, "udp") || !strcmp(word, "17"))
		reading->has_udp = true;
	if (!is_both && strcasecmp(word, "tcp") && strcasecmp(word, "udp") && strcmp(word, "6") &&
	    strcmp(word, "17"))
		leave(reading, "proto", "another protocol; a forward is for ports of tcp or udp");
	return 0;
}

static int allow_add(void *data, const char *word)
{
	struct reading *reading = data;
	struct import_rule *to = &reading->to;

	if (to->n_allow == IMPORT_ALLOW_MAX) {
		leave(reading, "src_ip", "more networks than a list here has");
		return 1;
	}
	if (import_net_parse(word, &to->allow[to->n_allow])) {
		leave(reading, "src_ip", "not networks, each as address/length");
		return 1;
	}
	to->n_allow++;
	return 0;
}

static void protos_read(struct reading *reading)
{
	const struct uci_option *proto = uci_option(reading->section, "proto");

	uci_words(proto, proto_add, reading);
	if (!proto)
		reading->has_tcp = reading->has_udp = true;
}

/* What the options of a redirect are here. */
enum meaning {
	MEANS_FORWARD, /* read where the forward is made */
	MEANS_NOTHING, /* so it is here in any case */
	MEANS_ELSE, /* it is otherwise here, and the forward comes nevertheless */
};

static const struct {
	const char *key;
	enum meaning meaning;
	const char *why; /* MEANS_ELSE */
} redirect_keys[] = {
	{"name", MEANS_FORWARD, NULL},
	{"_name", MEANS_NOTHING, NULL},
	{"enabled", MEANS_FORWARD, NULL},
	{"target", MEANS_FORWARD, NULL},
	{"family", MEANS_FORWARD, NULL},
	{"proto", MEANS_FORWARD, NULL},
	{"src", MEANS_FORWARD, NULL},
	{"src_ip", MEANS_FORWARD, NULL},
	{"src_dport", MEANS_FORWARD, NULL},
	{"dest_ip", MEANS_FORWARD, NULL},
	{"dest_port", MEANS_FORWARD, NULL},
	{"reflection_src", MEANS_FORWARD, NULL},
	/* Where the host is says its address. */
	{"dest", MEANS_NOTHING, NULL},
	{"reflection", MEANS_FORWARD, NULL},
	{"reflection_zone", MEANS_ELSE, "every segment has the loopback here"},
	{"src_dip", MEANS_ELSE, "it is for every address of the WAN interface here"},
};

static void redirect_keys_judge(struct reading *reading)
{
	for (size_t i = 0; i < reading->section->n_options; i++) {
		const char *key = reading->section->options[i].key;
		size_t k = 0;

		while (k < ARRAY_SIZE(redirect_keys) && strcmp(redirect_keys[k].key, key))
			k++;
		if (k == ARRAY_SIZE(redirect_keys))
			leave(reading, key, "no forward here can say that");
	}
}

/* What is otherwise here; said of forwards alone. */
static void differences_say(struct reading *reading)
{
	for (size_t i = 0; i < ARRAY_SIZE(redirect_keys); i++) {
		if (redirect_keys[i].meaning == MEANS_ELSE &&
		    uci_option(reading->section, redirect_keys[i].key))
			said(reading, redirect_keys[i].key, redirect_keys[i].why);
	}
	if (!uci_is_on(reading->section, "reflection", true))
		said(reading, "reflection", "every forward has the loopback here");
}

static bool is_word(const struct reading *reading, const char *key, const char *word)
{
	const char *text = uci_value(reading->section, key);

	return !text || !strcasecmp(text, word);
}

/* Whether OpenWrt itself has it in force, from the internet. */
static void redirect_begin(struct reading *reading)
{
	const char *src = uci_value(reading->section, "src");

	if (!uci_is_on(reading->section, "enabled", true))
		leave(reading, "enabled", "it is not in force");
	else if (!is_word(reading, "target", "DNAT"))
		leave(reading, "target", "no DNAT");
	else if (!src)
		leave(reading, NULL, "no option src, without which OpenWrt leaves it out too");
	else if (!openwrt_is_wan(reading->uci, src))
		leave(reading, "src", "not the zone of the internet");
	else if (!is_word(reading, "family", "ipv4") && !is_word(reading, "family", "any"))
		leave(reading, "family", "IPv6 is routed here, and not translated");
}

static void redirect_ports_read(struct reading *reading)
{
	struct import_forward *forward = &reading->to.forward;
	const char *outer = uci_value(reading->section, "src_dport");
	const char *inner = uci_value(reading->section, "dest_port");
	__u16 last;

	if (!outer) {
		leave(reading, NULL,
		      "no option src_dport: all ports; a forward is for ports of tcp or udp");
		return;
	}
	if (import_ports_parse(outer, &forward->external_first, &forward->external_last)) {
		leave(reading, "src_dport", "neither a port nor a range of ports");
		return;
	}
	forward->internal_first = forward->external_first;
	if (!inner)
		return;
	if (import_ports_parse(inner, &forward->internal_first, &last))
		leave(reading, "dest_port", "neither a port nor a range of ports");
	else if (last - forward->internal_first != forward->external_last - forward->external_first)
		leave(reading, "dest_port", "not as many ports inside as outside");
}

static void reflection_read(struct reading *reading)
{
	const char *source = uci_value(reading->section, "reflection_src");

	if (!source)
		return;
	if (!strcasecmp(source, "internal"))
		reading->to.hairpin_source = "gateway";
	else if (!strcasecmp(source, "external"))
		reading->to.hairpin_source = "external";
	else
		leave(reading, "reflection_src", "neither internal nor external");
}

/* --- forwards ------------------------------------------------------------------------------ */

static void forward_add(struct reading *reading, __u8 proto)
{
	reading->to.forward.proto = proto;
	if (import_add(reading->import, &reading->to) == IMPORT_OTHER)
		leave(reading, NULL, "the same port leads elsewhere by an earlier one");
}

static void forwards_add(struct reading *reading)
{
	const char *name = uci_value(reading->section, "name");

	if (name && !strncmp(name, OUR_PREFIX, strlen(OUR_PREFIX)))
		name += strlen(OUR_PREFIX);
	reading->to.name = name ? name : reading->section->name;
	if (reading->has_tcp)
		forward_add(reading, IPPROTO_TCP);
	if (reading->has_udp)
		forward_add(reading, IPPROTO_UDP);
}

static void redirect_take(struct reading *reading)
{
	const char *host = uci_value(reading->section, "dest_ip");

	redirect_begin(reading);
	if (reading->is_left)
		return;
	redirect_keys_judge(reading);
	redirect_ports_read(reading);
	protos_read(reading);
	reflection_read(reading);
	uci_words(uci_option(reading->section, "src_ip"), allow_add, reading);
	if (!host)
		leave(reading, NULL, "no option dest_ip: it leads to the router itself");
	else
		host_read(reading, "dest_ip", host, true);
	if (reading->is_left)
		return;
	differences_say(reading);
	forwards_add(reading);
}

/* --- IPv6: rules --------------------------------------------------------------------------- */

static bool is_rule_key(const char *key)
{
	static const char *const known[] = {"name", "enabled", "target", "family",  "proto",
					    "src",  "src_ip",  "dest",	 "dest_ip", "dest_port"};

	for (size_t i = 0; i < ARRAY_SIZE(known); i++) {
		if (!strcmp(key, known[i]))
			return true;
	}
	return false;
}

/* A rule that opens ports of one IPv6 host to the internet. All others stay with the firewall that has them. */
static bool is_pinhole(const struct reading *reading)
{
	const struct uci_section *section = reading->section;
	const char *src = uci_value(section, "src"), *host = uci_value(section, "dest_ip");

	return uci_is_on(section, "enabled", true) && uci_value(section, "target") &&
	       is_word(reading, "target", "ACCEPT") && src && openwrt_is_wan(reading->uci, src) &&
	       uci_option(section, "dest") && host && strchr(host, ':');
}

/* A rule that opens a port of the router itself, but for its own DHCP, which is open in any case. */
static bool is_door(const struct reading *reading)
{
	const struct uci_section *section = reading->section;
	const char *src = uci_value(section, "src"), *port = uci_value(section, "dest_port");

	return uci_is_on(section, "enabled", true) && uci_value(section, "target") &&
	       is_word(reading, "target", "ACCEPT") && src && openwrt_is_wan(reading->uci, src) &&
	       !uci_option(section, "dest") && port && strcmp(port, "68") != 0 &&
	       strcmp(port, "546") != 0;
}

static void rule_take(struct reading *reading)
{
	struct import_forward *forward = &reading->to.forward;
	const char *ports = uci_value(reading->section, "dest_port");

	if (is_door(reading))
		leave(reading, "dest_port", "what the router itself answers is for `wan.pass`");
	if (!is_pinhole(reading))
		return;
	for (size_t i = 0; i < reading->section->n_options; i++) {
		if (!is_rule_key(reading->section->options[i].key))
			leave(reading, reading->section->options[i].key,
			      "no service here can say that");
	}
	if (!ports || import_ports_parse(ports, &forward->external_first, &forward->external_last))
		leave(reading, "dest_port", "neither a port nor a range of ports");
	forward->internal_first = forward->external_first;
	protos_read(reading);
	uci_words(uci_option(reading->section, "src_ip"), allow_add, reading);
	host_read(reading, "dest_ip", uci_value(reading->section, "dest_ip"), false);
	if (!reading->is_left)
		forwards_add(reading);
}

void openwrt_take(struct import *import, const struct uci *uci)
{
	for (size_t i = 0; i < uci->n_sections; i++) {
		struct reading reading = {
			.import = import, .uci = uci, .section = &uci->sections[i]};

		if (uci_is_type(reading.section, "firewall", "redirect"))
			redirect_take(&reading);
		else if (uci_is_type(reading.section, "firewall", "rule"))
			rule_take(&reading);
	}
}

int import_openwrt(struct import *import, const char *text, struct strbuf *why)
{
	_uci_ struct uci uci = {0};
	int ret = uci_parse(text, &uci, why);

	if (!ret)
		openwrt_take(import, &uci);
	return ret;
}
