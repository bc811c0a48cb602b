/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Port 53 on the addresses that the plan lists: made by the daemon, which may, and used by the DNS process, which may not. */
#pragma once

#include "plan.h"

struct dns_socket {
	struct ip_addr addr;
	int udp, tcp;
	bool is_new; /* opened for a plan that is not in force yet */
};

struct dns_sockets {
	struct dns_socket
		list[2 * LIMIT_DNS_LISTENERS]; /* n; those of two plans while one takes over */
	size_t n;
	size_t order[LIMIT_DNS_LISTENERS]; /* n_order: the places of the plan's listeners */
	size_t n_order;
};

/*
 * Opens what @dns needs and is not there. 0; -errno with a line in @why, which names the program that holds the address if there is one, and what was opened is
 * closed again.
 */
int dns_sockets_open(struct dns_sockets *sockets, const struct plan_dns *dns, struct strbuf *why);

/* Closes what was opened for a plan that is not going to be in force. */
void dns_sockets_forget(struct dns_sockets *sockets);

/* @dns, for which dns_sockets_open() was called, is in force: what it does not need is closed. */
void dns_sockets_keep(struct dns_sockets *sockets, const struct plan_dns *dns);

/* UDP and TCP of each listener in the order of the plan, into @fds; how many. */
size_t dns_sockets_list(const struct dns_sockets *sockets, int *fds);

void dns_sockets_fini(struct dns_sockets *sockets);
