/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * `hairpin check`: what a configuration would do on this machine and what stands against it, without touching
 * anything and without the daemon. Each part adds its findings; check.c runs them.
 */
#pragma once

#include <jansson.h>

#include "candidate.h"

enum check_level {
	CHECK_NOTE, /* good to know */
	CHECK_FINDING, /* something will not work, or will break: exit 1 */
};

struct check {
	const struct candidate *candidate;
	json_t *findings; /* array of {kind, level, text, fix} */
	bool found; /* one of them is more than a note */
};

/* Adds a finding; @fix is "" where there is nothing to do. */
void check_add(struct check *check, enum check_level level, const char *kind, const char *fix,
	       const char *format, ...) _printf_(5, 6);
/* The same for each line of @lines. */
void check_add_lines(struct check *check, enum check_level level, const char *kind, const char *fix,
		     const struct strbuf *lines);

/* check_machine.c: netfilter rules of others, ssh sessions, connections of the kernel's NAT, what the WAN address says. */
void check_wan_address(struct check *check);
void check_foreign_rules(struct check *check);
void check_ssh_sessions(struct check *check);
void check_nat_sessions(struct check *check);

/* check_ports.c: programs that listen where a forward or wan.pass points. */
void check_listeners(struct check *check);

/* check_names.c: what the names of the services resolve to. */
void check_names(struct check *check);
