/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The sockets that clients ask on, at the addresses that the plan lists: port 53, and those of DNS over TLS and HTTPS where there is a certificate. Made by
 * the daemon, which may, and used by the DNS process, which may not.
 */
#pragma once

#include "plan.h"

/* Of one address: port 53, DNS over TLS, DNS over HTTPS. */
#define DNS_SOCKET_KINDS 3

struct dns_socket {
	struct ip_addr addr;
	__u16 port;
	int udp, tcp; /* udp: -1 but for port 53 */
	bool is_new; /* opened for a plan that is not in force yet */
};

struct dns_sockets {
	struct dns_socket
		list[2 * DNS_SOCKET_KINDS *
		     LIMIT_DNS_LISTENERS]; /* n; those of two plans while one takes over */
	size_t n;
	/* Places of the plan's sockets, in the order of its listeners: port 53, then DNS over TLS, then over HTTPS; n_order of them, n_plain of port 53. */
	size_t order[DNS_SOCKET_KINDS * LIMIT_DNS_LISTENERS];
	size_t n_order, n_plain;
};

/* For whom sockets are: without a certificate in force there are none under TLS, so that clients are refused there at once and not left waiting. */
struct dns_sockets_for {
	const struct plan_dns *dns;
	bool has_tls; /* where @dns says so */
};

/*
 * Opens what @wanted needs and is not there. 0; -errno with a line in @why, which names the program that holds the address if there is one, and what was opened is
 * closed again.
 */
int dns_sockets_open(struct dns_sockets *sockets, struct dns_sockets_for wanted,
		     struct strbuf *why);

/* Closes what was opened for a plan that is not going to be in force. */
void dns_sockets_forget(struct dns_sockets *sockets);

/* @wanted, for which dns_sockets_open() was called, is in force: what it does not need is closed. */
void dns_sockets_keep(struct dns_sockets *sockets, struct dns_sockets_for wanted);

/* UDP and TCP of port 53 of each listener in the order of the plan, into @fds; how many. */
size_t dns_sockets_list(const struct dns_sockets *sockets, int *fds);
/* TCP of DNS over TLS of each listener, and then of DNS over HTTPS of each if that is on. */
size_t dns_sockets_list_tls(const struct dns_sockets *sockets, int *fds);

void dns_sockets_fini(struct dns_sockets *sockets);
