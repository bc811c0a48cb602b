// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * ct_age SECONDS [leave]: every connection that the kernel tracks here is idle for that much longer than it was; those whose time is up end, or
 * are left to the kernel, with a second to live. ct_age: prints how many there are.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libnetfilter_conntrack/libnetfilter_conntrack.h>

#include "helper.h"

#define CONNECTIONS_MAX 65536

static struct nf_conntrack *connections[CONNECTIONS_MAX];
static size_t n_connections;

static int note(enum nf_conntrack_msg_type type, struct nf_conntrack *ct, void *data)
{
	(void)type;
	(void)data;
	if (n_connections == CONNECTIONS_MAX)
		die("more than %d connections", CONNECTIONS_MAX);
	connections[n_connections++] = ct;
	return NFCT_CB_STOLEN;
}

/* An update with what only the kernel says of a connection, translation for one, is refused; and ENOENT is one that ended by itself. */
static void age(struct nfct_handle *handle, const struct nf_conntrack *ct, uint32_t seconds,
		bool leaves)
{
	uint32_t left = nfct_get_attr_u32(ct, ATTR_TIMEOUT);
	struct nf_conntrack *change = nfct_new();

	if (!change)
		die("no memory");
	nfct_copy(change, ct, NFCT_CP_ORIG);
	if (left > seconds || leaves)
		nfct_set_attr_u32(change, ATTR_TIMEOUT, left > seconds ? left - seconds : 1);
	if (nfct_query(handle, left > seconds || leaves ? NFCT_Q_UPDATE : NFCT_Q_DESTROY, change) &&
	    errno != ENOENT)
		die("a connection cannot be changed: %s", strerror(errno));
	nfct_destroy(change);
}

int main(int argc, char **argv)
{
	uint32_t seconds = 0, family = AF_UNSPEC;
	struct nfct_handle *handle = nfct_open(CONNTRACK, 0);

	if (argc > 3 || (argc == 3 && strcmp(argv[2], "leave")))
		die("usage: ct_age [SECONDS [leave]]");
	if (argc > 1)
		seconds = (uint32_t)number_parse(argv[1], 1, 1 << 20, "seconds");
	if (!handle)
		die("connection tracking: %s", strerror(errno));
	nfct_callback_register(handle, NFCT_T_ALL, note, NULL);
	if (nfct_query(handle, NFCT_Q_DUMP, &family))
		die("connections cannot be read: %s", strerror(errno));
	nfct_callback_unregister(handle);
	if (argc == 1)
		printf("%zu\n", n_connections);
	for (size_t i = 0; i < n_connections; i++) {
		if (argc > 1)
			age(handle, connections[i], seconds, argc == 3);
		nfct_destroy(connections[i]);
	}
	nfct_close(handle);
	return 0;
}
