/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * `hairpin check`: what a configuration would do on this machine and what stands against it, without touching
 * anything and without the daemon. Each part adds its findings; check.c runs them.
 */
#pragma once

#include <jansson.h>

#include "candidate.h"
#include "invocation.h"

enum check_level {
	CHECK_NOTE,
	CHECK_FINDING, /* exit 1 */
};

struct check {
	const struct candidate *candidate;
	json_t *findings; /* array of {kind, level, text, fix} */
	json_t *upstream; /* `rules` of status.upstream, for this configuration; NULL: no other router is in front */
	struct ip_addr public_addr; /* that such a router has; valid with has_public */
	bool has_public;
	const struct invocation *invocation;
	bool found; /* one of them is more than a note */
};

/* Something will not work, or will break; @fix says what to do about it. */
void check_find(struct check *check, const char *kind, const char *fix, const char *format, ...)
	_printf_(4, 5);
/* Good to know. */
void check_note(struct check *check, const char *kind, const char *format, ...) _printf_(3, 4);
/* One of them for each line of @lines; @fix is "" for notes. */
void check_add_lines(struct check *check, enum check_level level, const char *kind, const char *fix,
		     const struct strbuf *lines);

/*
 * check_upstream.c: another router in front of this one, and what it has to do for us: check->upstream. @on_machine: a daemon that runs here is asked what it knows. Before
 * check_names(), which needs the public address.
 */
void check_upstream(struct check *check, bool on_machine);
/* The address that the internet knows; NULL: not known. After check_upstream(). */
const struct ip_addr *check_public_addr(const struct check *check);

/* check_machine.c: netfilter rules of others, ssh sessions, connections of the kernel's NAT. */
void check_foreign_rules(struct check *check);
/* check_coexist.c: what of them would win over us, with the line that mends it. */
void check_coexist(struct check *check);
/* Whether hairpind would take the bpf backend. */
bool check_takes_bpf(const struct candidate *candidate);

/* check_proxy.c: routing rules by which answers of forwarded connections would leave elsewhere, as those of a TUN proxy. */
void check_proxies(struct check *check);
/* The same of what somebody's rule of netfilter marks: COEXIST_MARKS. */
struct coexist_finding;
void check_marked(struct check *check, const struct coexist_finding *finding);

/* What the nftables backend would leave without effect. */
void check_backend(struct check *check);
/* Whether this kernel can have the namespace in which fragments are put in order. */
void check_sorter(struct check *check);
/* ... and the NAT by which dns.redirect leads questions. */
void check_questions(struct check *check);
void check_ssh_sessions(struct check *check);
void check_nat_sessions(struct check *check);

/* check_past.c: forwards of the main router that lead past us, as the daemon has seen. */
void check_past(struct check *check);

/* check_fast_path.c: where nat.fast-path: on is not met, as the daemon has seen. */
void check_fast_path(struct check *check);

/* pause.c: whether a daemon runs that puts nothing back. */
void check_watchdog(struct check *check);

/* check_ports.c: programs that listen where a forward or wan.pass points. */
void check_listeners(struct check *check);
/* ... or on port 53 where the DNS server of this configuration would. */
void check_dns_port(struct check *check);

/* check_tls.c: certificates that clients or upstreams are spoken to with. */
void check_certificates(struct check *check);

/* check_rewrite.c: what DNS answers for each name inside. */
void check_rewrites(struct check *check);
/* The same: what dns.redirect does not reach. */
void check_redirect(struct check *check);

/* check_dhcp.c: DNS servers beside ours that hosts are told of; and other DHCP servers on their segments, which takes some seconds. */
void check_dhcp(struct check *check);
void check_dhcp_others(struct check *check);

/* check_gateway.c: role bypass, servers that would not see who comes from outside; takes up to two seconds. */
void check_gateways(struct check *check);

/* check_names.c: what the names of the services resolve to. */
void check_names(struct check *check);
