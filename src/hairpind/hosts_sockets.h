/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The sockets of the hosts service: one for each address of the plan, bound to its device too, so that nothing that comes in by another one is answered, WAN above all. */
#pragma once

#include "plan.h"

struct hosts_socket {
	struct plan_hosts_listener at;
	int fd;
	bool is_new; /* opened for a plan that is not in force yet */
};

struct hosts_sockets {
	struct hosts_socket
		list[2 * LIMIT_HOSTS_LISTENERS]; /* n; those of two plans while one takes over */
	size_t n;
};

/* Opens what @hosts needs and is not there. 0; -errno with a line in @why, which names the program that holds the port if there is one, and what was opened is closed again. */
int hosts_sockets_open(struct hosts_sockets *sockets, const struct plan_hosts *hosts,
		       struct strbuf *why);
/* Closes what was opened for a plan that is not going to be in force. */
void hosts_sockets_forget(struct hosts_sockets *sockets);
/* @hosts, for which hosts_sockets_open() was called, is in force: what it does not need is closed, and the others stand in its order. True: they are not those of before. */
bool hosts_sockets_keep(struct hosts_sockets *sockets, const struct plan_hosts *hosts);
