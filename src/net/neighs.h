/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which addresses a machine has now, by its Ethernet address: the neighbours of all interfaces, and when they change. */
#pragma once

#include "addr.h"

struct neigh {
	struct ip_addr addr;
	unsigned int ifindex;
	__u8 mac[6];
};

/* Those that the kernel knows an Ethernet address of, resolved or not answering now. 0 and *ret_neighs is to be freed by the caller; -errno. */
int neighs_read(struct neigh **ret_neighs, size_t *ret_n);

/*
 * Has the kernel find out the Ethernet address of @addr on the device, as if a packet were sent to it: one that it is sure of stays, one that it is not is asked for. 0 or -errno;
 * what came of it neighs_read() tells.
 */
int neigh_use(unsigned int ifindex, const struct ip_addr *addr);

/* A socket that becomes readable when one comes, changes or goes; -errno. */
int neighs_watch_open(void);
/* Reads it empty. True: something may be another. */
bool neighs_watch_drain(int fd);
