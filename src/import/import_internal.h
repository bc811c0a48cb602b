/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the readers share; private to this folder. */
#pragma once

#include "import_source.h"

/* More from one text are not taken: nobody has them, and a text that says so is an attack on who reads it. */
#define IMPORT_ALLOW_MAX 64

/* A forward as a rule says it. */
struct import_rule {
	const char *name; /* somebody's words for it; NULL or "": none */
	struct ip_addr host;
	struct import_forward forward;
	struct ip_net allow[IMPORT_ALLOW_MAX]; /* n_allow */
	size_t n_allow;
	const char *hairpin_source; /* a word of that key; NULL: none is said */
};

enum import_outcome {
	IMPORT_NEW,
	IMPORT_KNOWN, /* the same was there */
	IMPORT_OTHER, /* the same port leads elsewhere already: the first one counts, as it does in a list of rules */
};

/* Joins it to what is forwarded to the same host for the same people. Of a host's IPv6 address, external and internal ports are one. */
enum import_outcome import_add(struct import *import, const struct import_rule *rule);

/* Whether something is forwarded to @host. */
bool import_has_host(const struct import *import, const struct ip_addr *host);

void import_note(struct import *import, const char *format, ...) _printf_(2, 3);

/* "80", "1000-1010" or "1000:1010": 0 or -EINVAL. */
int import_ports_parse(const char *text, __u16 *ret_first, __u16 *ret_last);

/* An address or a network; bits behind the prefix are cleared. 0 or -EINVAL. */
int import_net_parse(const char *text, struct ip_net *ret_net);

int import_iptables(struct import *import, const char *text, struct strbuf *why);
int import_nftables(struct import *import, const char *text, struct strbuf *why);
int import_openwrt(struct import *import, const char *text, struct strbuf *why);
int import_uci(struct import *import, const char *text, struct strbuf *why);
