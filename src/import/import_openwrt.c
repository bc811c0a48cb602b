// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * /etc/config/firewall: sections `config redirect` with `option KEY 'VALUE'` and `list KEY 'VALUE'`. (The options of firewall4's redirects are in
 * root/usr/share/ucode/fw4.uc.)
 */
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include "import_internal.h"

#define VALUE_MAX 256

struct redirect {
	unsigned int line;
	bool is_one, is_off, has_allow_fault;
	char name[VALUE_MAX], target[VALUE_MAX], proto[VALUE_MAX], ports[VALUE_MAX],
		host[VALUE_MAX], inner[VALUE_MAX], odd[VALUE_MAX];
	struct ip_net allow[IMPORT_ALLOW_MAX];
	size_t n_allow;
};

static const struct {
	const char *key;
	size_t at;
} keys[] = {
	{"name", offsetof(struct redirect, name)},
	{"target", offsetof(struct redirect, target)},
	{"proto", offsetof(struct redirect, proto)},
	{"src_dport", offsetof(struct redirect, ports)},
	{"dest_ip", offsetof(struct redirect, host)},
	{"dest_port", offsetof(struct redirect, inner)},
};

/* What a forward of ours does by itself or for everybody, so that nothing is lost with it. */
static bool is_plain(const char *key)
{
	static const char *const plain[] = {"src",	  "dest",	    "src_dip",
					    "reflection", "reflection_src", "reflection_zone",
					    "family",	  "_name"};

	for (size_t i = 0; i < sizeof(plain) / sizeof(*plain); i++) {
		if (!strcmp(key, plain[i]))
			return true;
	}
	return false;
}

static void leave(struct import *import, const struct redirect *redirect, const char *why)
{
	import_note(import, "line %u: redirect %s: %s", redirect->line, redirect->name, why);
}

/* A list says a key again and again; all of it is one value with blanks. */
static void value_add(char value[VALUE_MAX], const char *more)
{
	size_t n = strlen(value);

	snprintf(value + n, VALUE_MAX - n, "%s%s", n ? " " : "", more);
}

static void option_read(struct redirect *redirect, const char *key, const char *value)
{
	for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++) {
		if (!strcmp(key, keys[i].key)) {
			value_add((char *)redirect + keys[i].at, value);
			return;
		}
	}
	if (!strcmp(key, "enabled")) {
		redirect->is_off = !strcmp(value, "0");
	} else if (!strcmp(key, "src_ip")) {
		if (redirect->n_allow == IMPORT_ALLOW_MAX ||
		    import_net_parse(value, &redirect->allow[redirect->n_allow]))
			redirect->has_allow_fault = true;
		else
			redirect->n_allow++;
	} else if (!is_plain(key)) {
		snprintf(redirect->odd, sizeof(redirect->odd), "%s", key);
	}
}

static int inner_read(const struct redirect *redirect, struct import_forward *forward)
{
	__u16 last;

	forward->internal_first = forward->external_first;
	if (!*redirect->inner)
		return 0;
	return import_ports_parse(redirect->inner, &forward->internal_first, &last) ||
			       last - forward->internal_first !=
				       forward->external_last - forward->external_first
		       ? -EINVAL
		       : 0;
}

static void forward_read(struct import *import, const struct redirect *redirect, __u8 proto)
{
	struct import_rule to = {.name = redirect->name, .forward.proto = proto};

	memcpy(to.allow, redirect->allow, sizeof(to.allow));
	to.n_allow = redirect->n_allow;
	if (ip_addr_parse(redirect->host, &to.host) || !ip_addr_is_v4(&to.host))
		leave(import, redirect, "no IPv4 host that it leads to");
	else if (import_ports_parse(redirect->ports, &to.forward.external_first,
				    &to.forward.external_last) ||
		 inner_read(redirect, &to.forward))
		leave(import, redirect, "not as many ports inside as outside");
	else if (import_add(import, &to) == IMPORT_OTHER)
		leave(import, redirect, "the same port leads elsewhere by an earlier one");
}

static bool has_proto(const struct redirect *redirect, const char *proto)
{
	return !*redirect->proto || strstr(redirect->proto, proto) ||
	       !strcmp(redirect->proto, "all");
}

/* The end of a section. */
static void redirect_take(struct import *import, const struct redirect *redirect)
{
	char why[VALUE_MAX + 64];

	if (!redirect->is_one)
		return;
	if (redirect->is_off) {
		leave(import, redirect, "is not enabled");
	} else if (*redirect->target && strcmp(redirect->target, "DNAT")) {
		leave(import, redirect, "no DNAT");
	} else if (*redirect->odd) {
		snprintf(why, sizeof(why), "\"%s\" says what no forward here can", redirect->odd);
		leave(import, redirect, why);
	} else if (redirect->has_allow_fault) {
		leave(import, redirect, "its src_ip is not a network");
	} else if (!*redirect->ports) {
		leave(import, redirect, "all ports; a forward is for ports of tcp or udp");
	} else {
		if (has_proto(redirect, "tcp"))
			forward_read(import, redirect, IPPROTO_TCP);
		if (has_proto(redirect, "udp"))
			forward_read(import, redirect, IPPROTO_UDP);
		if (!has_proto(redirect, "tcp") && !has_proto(redirect, "udp"))
			leave(import, redirect,
			      "another protocol; a forward is for ports of tcp or udp");
	}
}

/* Takes the next word of *at, without its quotes; false: the line has none. */
static bool word_next(const char **at, char word[VALUE_MAX])
{
	const char *end, *begin = *at + strspn(*at, " \t\r");
	char quote = *begin == '\'' || *begin == '"' ? *begin : 0;

	begin += quote != 0;
	end = begin +
	      (quote ? strcspn(begin, (const char[]){quote, '\n', 0}) : strcspn(begin, " \t\r\n"));
	if (end == begin && !quote)
		return false;
	snprintf(word, VALUE_MAX, "%.*s", (int)(end - begin), begin);
	*at = end + (quote && *end == quote);
	return *begin != '#' || quote;
}

int import_openwrt(struct import *import, const char *text, struct strbuf *why)
{
	struct redirect redirect = {0};
	unsigned int line = 0;
	bool has_section = false;

	for (const char *at = text; *at; at += *at == '\n') {
		char first[VALUE_MAX], key[VALUE_MAX], value[VALUE_MAX];
		bool is_pair;

		line++;
		is_pair = word_next(&at, first) && word_next(&at, key);
		if (is_pair && !strcmp(first, "config")) {
			redirect_take(import, &redirect);
			redirect =
				(struct redirect){.line = line, .is_one = !strcmp(key, "redirect")};
			has_section = true;
		} else if (is_pair && word_next(&at, value) &&
			   (!strcmp(first, "option") || !strcmp(first, "list"))) {
			option_read(&redirect, key, value);
		}
		at += strcspn(at, "\n");
	}
	redirect_take(import, &redirect);
	if (!has_section) {
		strbuf_add(why,
			   "no section of UCI in it; OpenWrt has them in /etc/config/firewall");
		return -EINVAL;
	}
	return 0;
}
