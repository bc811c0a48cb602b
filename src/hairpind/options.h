/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The command line of hairpind. */
#pragma once

#include <stdbool.h>

#include "strbuf.h"

struct options {
	const char *conf; /* -f */
	const char *socket; /* -s */
	const char *pins; /* -b */
	const char *state; /* -d */
	bool check; /* -n */
	bool verbose; /* -v; with -n: print the configuration */
	bool force; /* --force */
	const char *from; /* --from: start with this file's text instead of conf's; NULL: no */
	bool install; /* --install: write the text of `from` to conf once it is in force */
	unsigned int confirm_s; /* --confirm; 0: for good */
	bool revert; /* --revert: start with what was in force before; used by the guardian */
	bool guardian; /* --guardian: be one */
	bool prepare; /* --prepare: make what the daemon of a unit cannot, and end */
	bool dns; /* --dns: be the DNS process */
	bool dhcp; /* --dhcp: become dnsmasq */
	bool lists, lists_fetch; /* --lists, --lists-fetch: be the list loader */
	bool hosts; /* --hosts: be the hosts service */
	bool gateway; /* --gateway: be the reader of echo replies */
	bool upstream; /* --upstream: ask the router upstream */
	bool log; /* --log: be the writer of the query log */
	bool lookup; /* --lookup: ask for addresses */
	const char *
		level_fd; /* --level-fd: where the level of the log is that the daemon has; NULL: its own */
	bool help; /* -h */
	bool version; /* -V */
};

/* 0; -EINVAL with one line in @why. The strings of @ret_options are those of @argv. */
int options_parse(int argc, char **argv, struct options *ret_options, struct strbuf *why);

/* One line for each option, for people. */
void options_help(struct strbuf *out);
