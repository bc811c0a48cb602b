// SPDX-License-Identifier: GPL-2.0-or-later
#include "facts.h"

#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>

/* Messages of one drain: whoever changes the network without end must not keep the caller here. */
#define DRAIN_MAX 1024
/* An event is some hundred bytes; a link's with everything in it stays below a page or two. */
#define EVENT_BYTES 16384

/*
 * No group of the neighbours: their state changes all the time on a LAN, and a plan does not depend on it.
 * A next hop that is replaced can change routes without an event of theirs (net.ipv4.nexthop_compat_mode=0).
 */
static const int groups[] = {
	RTNLGRP_LINK,	    RTNLGRP_IPV4_IFADDR, RTNLGRP_IPV6_IFADDR,
	RTNLGRP_IPV4_ROUTE, RTNLGRP_IPV6_ROUTE,	 RTNLGRP_NEXTHOP,
};

int facts_watch_open(void)
{
	struct sockaddr_nl any = {.nl_family = AF_NETLINK};
	int fd _close_ = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_ROUTE);

	if (fd < 0 || bind(fd, (struct sockaddr *)&any, sizeof(any)) < 0)
		return -errno;
	for (size_t i = 0; i < ARRAY_SIZE(groups); i++) {
		if (setsockopt(fd, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, &groups[i],
			       sizeof(groups[i])) < 0)
			return -errno;
	}
	return TAKE_FD(fd);
}

static bool event_concerns(const struct nlmsghdr *nlh)
{
	const struct ifinfomsg *info = mnl_nlmsg_get_payload(nlh);
	const struct rtmsg *rtm = mnl_nlmsg_get_payload(nlh);

	switch (nlh->nlmsg_type) {
	case RTM_NEWLINK:
	case RTM_DELLINK:
		/* AF_BRIDGE: the state of a port. Joining and leaving a bridge is told by the link itself too. */
		return info->ifi_family != AF_BRIDGE;
	case RTM_NEWADDR:
	case RTM_DELADDR:
	case RTM_NEWNEXTHOP:
	case RTM_DELNEXTHOP:
		return true;
	case RTM_NEWROUTE:
	case RTM_DELROUTE:
		/* Of any type: a blackhole that replaces a unicast route is the only event that tells of it. */
		return rtm->rtm_table == RT_TABLE_MAIN && !(rtm->rtm_flags & RTM_F_CLONED);
	default:
		return false;
	}
}

static bool events_concern(const void *buffer, size_t length)
{
	const struct nlmsghdr *nlh = buffer;
	int left = (int)length;

	for (; mnl_nlmsg_ok(nlh, left); nlh = mnl_nlmsg_next(nlh, &left)) {
		if (event_concerns(nlh))
			return true;
	}
	return false;
}

int facts_watch_drain(int fd)
{
	_Alignas(struct nlmsghdr) char buffer[EVENT_BYTES];
	bool changed = false;

	for (int i = 0; i < DRAIN_MAX; i++) {
		ssize_t length = recv(fd, buffer, sizeof(buffer), MSG_DONTWAIT | MSG_TRUNC);

		if (length < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
			return changed;
		if (length < 0 && errno == EINTR)
			continue;
		if (length < 0 && errno != ENOBUFS)
			return -errno;
		/* Lost or cut: what was in it is not known, so anything may have changed. */
		if (length < 0 || (size_t)length > sizeof(buffer) ||
		    events_concern(buffer, (size_t)length))
			changed = true;
	}
	return changed;
}
