/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who is connected now and would be hurt if hairpin takes over: the ssh sessions to this machine, and the
 * connections that the kernel's own NAT translates. For `hairpin check`, and for the daemon before a first attach.
 *
 * Everything is read anew at each call, from the network namespace of the caller. The ports of an sshd that is
 * not on port 22 are found only by a caller who may read /proc/PID/fd of it (root).
 */
#pragma once

#include <net/if.h>
#include <stdbool.h>
#include <stddef.h>

#include "addr.h"
#include "strbuf.h"

/* One ssh session, as this machine sees it. Ports are in host byte order. */
struct peer {
	struct ip_addr remote, local;
	__u16 remote_port, local_port;
	/*
	 * The device by which packets to @remote leave: the side that the session comes from. Not the device that has
	 * the address @local: a LAN host may well be connected to the WAN address. "" if no route leads there.
	 */
	char interface[IFNAMSIZ];
};

/*
 * $SSH_CONNECTION of the asker, "client-address client-port server-address server-port" (a zone after an
 * address is allowed). false, and *ret_peer untouched, if @env is NULL or anything else. @interface is the
 * zone of the client or ""; peer_interface_find() fills it.
 */
bool peers_parse_ssh_connection(const char *env, struct peer *ret_peer);

/* Same addresses and ports: the interface does not count. */
bool peer_equal(const struct peer *a, const struct peer *b);

/* "198.51.100.7:50022 to 203.0.113.1:22 on eth0", without "on" if the interface is not known. */
void peer_format(const struct peer *peer, struct strbuf *out);

/* Asks the kernel which way @peer->remote is, from @peer->local, and sets @peer->interface. 0, -ENETUNREACH and
 * the like if nowhere (then it is ""), or another -errno. */
int peer_interface_find(struct peer *peer);

/*
 * Established TCP connections to an ssh server on this machine, loopback included: to port 22, to @port (0: none;
 * what $SSH_CONNECTION has), and to each port on which a process named sshd or dropbear listens. *ret_peers is
 * new (NULL when there are none), freed by free(). 0; -EOPNOTSUPP if the kernel cannot list sockets; or -errno.
 */
int peers_read_ssh(__u16 port, struct peer **ret_peers, size_t *ret_n);

/*
 * Counts the connections whose source or destination the kernel's NAT translates, and adds a line for each of
 * the first @max to @lines. 0; -EOPNOTSUPP if the kernel has no connection tracking that can be listed, and so no
 * such NAT; or -errno (-EPERM without CAP_NET_ADMIN).
 */
int peers_read_nat(size_t max, struct strbuf *lines, size_t *ret_count);
