// SPDX-License-Identifier: GPL-2.0-or-later
#include "neighs.h"

#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "cleanup.h"
#include "nl.h"

/* Messages of one drain, as in facts_watch.c; and an event of a neighbour is a hundred bytes. */
#define DRAIN_MAX 1024
#define EVENT_BYTES 4096

struct found {
	struct neigh *neighs;
	size_t n;
};

static int on_neigh(const struct nlmsghdr *nlh, void *data)
{
	const struct ndmsg *ndm = mnl_nlmsg_get_payload(nlh);
	struct nlattr *tb[NDA_MAX + 1];
	struct found *found = data;
	struct neigh *neigh;
	struct ip_addr addr;

	nl_attrs(nlh, sizeof(*ndm), tb, NDA_MAX);
	/* One that does not answer at the moment has kept its address, and comes back with it. */
	if (ndm->ndm_state & (NUD_NOARP | NUD_INCOMPLETE) || !tb[NDA_LLADDR] ||
	    mnl_attr_get_payload_len(tb[NDA_LLADDR]) != sizeof(neigh->mac) ||
	    !nl_attr_addr(tb[NDA_DST], &addr))
		return MNL_CB_OK;
	neigh = array_add(found->neighs, found->n);
	if (!neigh)
		return MNL_CB_ERROR;
	neigh->addr = addr;
	neigh->ifindex = (unsigned int)ndm->ndm_ifindex;
	memcpy(neigh->mac, mnl_attr_get_payload(tb[NDA_LLADDR]), sizeof(neigh->mac));
	return MNL_CB_OK;
}

int neighs_read(struct neigh **ret_neighs, size_t *ret_n)
{
	_Alignas(struct nlmsghdr) char buffer[NL_REQUEST_MAX];
	struct found found = {0};
	/* A mixture of before and after (-EINTR) is good enough: an event follows. */
	int ret =
		nl_request(NETLINK_ROUTE,
			   nl_request_init(buffer, RTM_GETNEIGH, NLM_F_DUMP, sizeof(struct ndmsg)),
			   on_neigh, &found);

	if (ret && ret != -EINTR) {
		free(found.neighs);
		return ret;
	}
	*ret_neighs = found.neighs;
	*ret_n = found.n;
	return 0;
}

int neigh_use(unsigned int ifindex, const struct ip_addr *addr)
{
	_Alignas(struct nlmsghdr) char buffer[NL_REQUEST_MAX];
	struct nlmsghdr *request = nl_request_init(buffer, RTM_NEWNEIGH, NLM_F_ACK | NLM_F_CREATE,
						   sizeof(struct ndmsg));
	struct ndmsg *ndm = mnl_nlmsg_get_payload(request);
	bool v4 = ip_addr_is_v4(addr);

	ndm->ndm_family = v4 ? AF_INET : AF_INET6;
	ndm->ndm_ifindex = (int)ifindex;
	ndm->ndm_flags = NTF_USE;
	if (v4)
		mnl_attr_put_u32(request, NDA_DST, ip_addr_v4(addr));
	else
		mnl_attr_put(request, NDA_DST, sizeof(addr->b), addr->b);
	return nl_request(NETLINK_ROUTE, request, on_neigh, &(struct found){0});
}

int neighs_watch_open(void)
{
	struct sockaddr_nl any = {.nl_family = AF_NETLINK};
	int fd _close_ = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_ROUTE);
	int group = RTNLGRP_NEIGH;

	if (fd < 0 || bind(fd, (struct sockaddr *)&any, sizeof(any)) < 0 ||
	    setsockopt(fd, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, &group, sizeof(group)) < 0)
		return -errno;
	return TAKE_FD(fd);
}

bool neighs_watch_drain(int fd)
{
	char buffer[EVENT_BYTES];
	bool any = false;

	for (int i = 0; i < DRAIN_MAX; i++) {
		/* What was lost (ENOBUFS) is a change too. */
		if (recv(fd, buffer, sizeof(buffer), MSG_DONTWAIT) < 0 && errno != ENOBUFS &&
		    errno != EINTR)
			return any;
		any = true;
	}
	return any;
}
