// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>

#include "fast_path.h"
#include "netlink.h"

/* Messages of one drain: whoever changes the network without end must not keep the daemon here. */
#define DRAIN_MAX 1024
/* Ways of IPv4 alone are noted. A next hop of IPv4 may be a neighbour of IPv6, of which the same group tells. */
static const int groups[] = {
	RTNLGRP_LINK,	   RTNLGRP_NEIGH,   RTNLGRP_IPV4_IFADDR,  RTNLGRP_IPV4_ROUTE,
	RTNLGRP_IPV4_RULE, RTNLGRP_NEXTHOP, RTNLGRP_IPV4_NETCONF, RTNLGRP_TC,
};

int fast_watch_open(void)
{
	struct sockaddr_nl any = {.nl_family = AF_NETLINK};
	_close_ int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_ROUTE);

	if (fd < 0 || bind(fd, (struct sockaddr *)&any, sizeof(any)) < 0)
		return -errno;
	/* The usual size is used up by some hundred events; what is lost costs all that was noted. */
	setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &(int){LIMIT_WATCH_BYTES}, sizeof(int));
	for (size_t i = 0; i < ARRAY_SIZE(groups); i++) {
		if (setsockopt(fd, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, &groups[i],
			       sizeof(groups[i])) < 0)
			return -errno;
	}
	return TAKE_FD(fd);
}

/*
 * Of AF_BRIDGE too: the state of a port. Wireless drivers tell of stations that come and go by events of their device, in which nothing of the device changes.
 */
static unsigned int news_of_link(const struct nlmsghdr *header)
{
	const struct ifinfomsg *info = mnl_nlmsg_get_payload(header);
	struct nlattr *attr;

	mnl_attr_for_each(attr, header, sizeof(*info))
	{
		if (mnl_attr_get_type(attr) == IFLA_WIRELESS)
			return 0;
	}
	return FAST_NEWS_WAYS | FAST_NEWS_LINKS;
}

static bool neigh_differs(struct fast *fast, const struct nlmsghdr *header)
{
	const struct ndmsg *ndm = mnl_nlmsg_get_payload(header);

	return ndm->ndm_family == AF_BRIDGE
		       ? fast_fdb_differs(fast, header)
		       : fast_neighs_differ(&fast->neighs, &fast->places, header);
}

static unsigned int news_of(struct fast *fast, const struct nlmsghdr *header)
{
	const struct rtmsg *rtm = mnl_nlmsg_get_payload(header);

	switch (header->nlmsg_type) {
	case RTM_NEWLINK:
	case RTM_DELLINK:
		return news_of_link(header);
	case RTM_NEWNEIGH:
	case RTM_DELNEIGH:
		return neigh_differs(fast, header) ? FAST_NEWS_WAYS : 0;
	case RTM_NEWROUTE:
	case RTM_DELROUTE:
		return rtm->rtm_flags & RTM_F_CLONED ? 0 : FAST_NEWS_WAYS;
	/* What shapes or filters beside us. */
	case RTM_NEWQDISC:
	case RTM_DELQDISC:
	case RTM_NEWTFILTER:
	case RTM_DELTFILTER:
		return FAST_NEWS_LINKS;
	case RTM_NEWTCLASS:
	case RTM_DELTCLASS:
	case RTM_NEWCHAIN:
	case RTM_DELCHAIN:
		return 0;
	default:
		return FAST_NEWS_WAYS;
	}
}

static unsigned int read_messages(struct fast *fast, const char *bytes, size_t length)
{
	const struct nlmsghdr *header = (const void *)bytes;
	unsigned int news = 0;
	int left = (int)length;

	for (; mnl_nlmsg_ok(header, left); header = mnl_nlmsg_next(header, &left))
		news |= news_of(fast, header);
	return news;
}

unsigned int fast_watch_read(struct fast *fast)
{
	struct netlink_buffer buffer;
	unsigned int news = 0;

	for (int i = 0; i < DRAIN_MAX; i++) {
		ssize_t n = recv(fast->watch, buffer.bytes, sizeof(buffer.bytes), MSG_TRUNC);

		if (n < 0 && errno == EAGAIN)
			return news;
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno != ENOBUFS)
			return news | FAST_NEWS_LOST | FAST_NEWS_MORE;
		if (n < 0 || (size_t)n > sizeof(buffer.bytes))
			news |= FAST_NEWS_LOST;
		else
			news |= read_messages(fast, buffer.bytes, (size_t)n);
	}
	return news | FAST_NEWS_MORE;
}
