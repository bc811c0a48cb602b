// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The cable of the sorter: a veth pair. Our end has no address, and nothing on it is for the stack; the other one has a default route
 * back through it, by way of a neighbour that is written down.
 *
 * Both ends take any size, since what is too large for the links comes here to be cut; to which size is said by the route.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <string.h>

#include <linux/rtnetlink.h>
#include <linux/veth.h>

#include <hairpin/limits.h>

#include "cleanup.h"
#include "netlink.h"
#include "sorter.h"

#define CABLE_MTU 65535
#define MAC_OCTETS 6
/* Of no network; only the neighbour's name in a namespace with one neighbour. */
#define NEXT_HOP "169.254.77.2"
/* In every namespace; the kernel itself relies on it. */
#define LOOPBACK_IFINDEX 1

#ifndef IFF_LOWER_UP /* an enumerator of linux/if.h, which does not go with net/if.h everywhere */
#define IFF_LOWER_UP 0x10000
#endif

static const __u8 mac_outside[MAC_OCTETS] = {SORTER_MAC_OUTSIDE_OCTETS};
static const __u8 mac_inside[MAC_OCTETS] = {SORTER_MAC_INSIDE_OCTETS};

/* One end as the kernel tells it. */
struct end {
	unsigned int ifindex, peer, flags;
	bool veth;
	__u8 mac[MAC_OCTETS];
};

/* --- questions and orders -------------------------------------------------------------------------------- */

/* In the sorter's namespace if @inside is its socket, in ours if it is NULL. */
static int talk(struct mnl_socket *inside, struct netlink_buffer *buffer, mnl_cb_t cb, void *data)
{
	return inside ? netlink_talk_on(inside, buffer, cb, data)
		      : netlink_talk(NETLINK_ROUTE, buffer, cb, data);
}

static struct nlmsghdr *request(struct netlink_buffer *buffer, __u16 type, __u16 flags)
{
	struct nlmsghdr *header = mnl_nlmsg_put_header(buffer->bytes);

	header->nlmsg_type = type;
	header->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK | flags;
	return header;
}

static struct nlmsghdr *link_request(struct netlink_buffer *buffer, __u16 type, __u16 flags)
{
	struct nlmsghdr *header = request(buffer, type, flags);
	struct ifinfomsg *info = mnl_nlmsg_put_extra_header(header, sizeof(*info));

	*info = (struct ifinfomsg){.ifi_family = AF_UNSPEC};
	return header;
}

static int end_cb(const struct nlmsghdr *header, void *data)
{
	const struct ifinfomsg *info = mnl_nlmsg_get_payload(header);
	struct end *end = data;
	struct nlattr *attr, *inner;

	end->ifindex = (unsigned int)info->ifi_index;
	end->flags = info->ifi_flags;
	mnl_attr_for_each(attr, header, sizeof(*info))
	{
		if (mnl_attr_get_type(attr) == IFLA_LINK)
			end->peer = mnl_attr_get_u32(attr);
		if (mnl_attr_get_type(attr) == IFLA_ADDRESS &&
		    mnl_attr_get_payload_len(attr) == MAC_OCTETS)
			memcpy(end->mac, mnl_attr_get_payload(attr), MAC_OCTETS);
		if (mnl_attr_get_type(attr) != IFLA_LINKINFO)
			continue;
		mnl_attr_for_each_nested(inner, attr)
		{
			if (mnl_attr_get_type(inner) == IFLA_INFO_KIND)
				end->veth = !strcmp(mnl_attr_get_str(inner), "veth");
		}
	}
	return MNL_CB_OK;
}

/* -ENODEV: none of that name. */
static int end_get(struct mnl_socket *inside, const char *name, struct end *ret_end)
{
	struct netlink_buffer buffer;
	struct nlmsghdr *header = link_request(&buffer, RTM_GETLINK, 0);
	struct end end = {0};
	int ret;

	mnl_attr_put_strz(header, IFLA_IFNAME, name);
	mnl_attr_put_u32(header, IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS);
	ret = talk(inside, &buffer, end_cb, &end);
	if (!ret)
		*ret_end = end;
	return ret;
}

static int end_delete(struct mnl_socket *inside, unsigned int ifindex)
{
	struct netlink_buffer buffer;
	struct nlmsghdr *header = link_request(&buffer, RTM_DELLINK, 0);
	struct ifinfomsg *info = mnl_nlmsg_get_payload(header);

	info->ifi_index = (int)ifindex;
	return talk(inside, &buffer, NULL, NULL);
}

/* @mtu 0: as it is. */
static int link_set_up(struct mnl_socket *inside, unsigned int ifindex, __u32 mtu)
{
	struct netlink_buffer buffer;
	struct nlmsghdr *header = link_request(&buffer, RTM_NEWLINK, 0);
	struct ifinfomsg *info = mnl_nlmsg_get_payload(header);

	info->ifi_index = (int)ifindex;
	info->ifi_flags = info->ifi_change = IFF_UP;
	if (mtu)
		mnl_attr_put_u32(header, IFLA_MTU, mtu);
	return talk(inside, &buffer, NULL, NULL);
}

static void put_end(struct nlmsghdr *header, const char *name, const __u8 mac[MAC_OCTETS])
{
	mnl_attr_put_strz(header, IFLA_IFNAME, name);
	mnl_attr_put(header, IFLA_ADDRESS, MAC_OCTETS, mac);
	mnl_attr_put_u32(header, IFLA_MTU, CABLE_MTU);
}

/* @netns: where the other end goes; -1: it stays here. */
static int cable_make(int netns)
{
	struct netlink_buffer buffer;
	struct nlmsghdr *header = link_request(&buffer, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL);
	struct nlattr *linkinfo, *data, *peer;
	struct ifinfomsg *info;

	put_end(header, SORTER_DEVICE, mac_outside);
	linkinfo = mnl_attr_nest_start(header, IFLA_LINKINFO);
	mnl_attr_put_strz(header, IFLA_INFO_KIND, "veth");
	data = mnl_attr_nest_start(header, IFLA_INFO_DATA);
	peer = mnl_attr_nest_start(header, VETH_INFO_PEER);
	info = mnl_nlmsg_put_extra_header(header, sizeof(*info));
	*info = (struct ifinfomsg){.ifi_family = AF_UNSPEC};
	put_end(header, SORTER_DEVICE_INSIDE, mac_inside);
	if (netns >= 0)
		mnl_attr_put_u32(header, IFLA_NET_NS_FD, (__u32)netns);
	mnl_attr_nest_end(header, peer);
	mnl_attr_nest_end(header, data);
	mnl_attr_nest_end(header, linkinfo);
	return talk(NULL, &buffer, NULL, NULL);
}

static int neighbour_put(struct mnl_socket *inside, unsigned int ifindex)
{
	struct netlink_buffer buffer;
	struct nlmsghdr *header = request(&buffer, RTM_NEWNEIGH, NLM_F_CREATE | NLM_F_REPLACE);
	struct ndmsg *neighbour = mnl_nlmsg_put_extra_header(header, sizeof(*neighbour));

	*neighbour = (struct ndmsg){
		.ndm_family = AF_INET, .ndm_ifindex = (int)ifindex, .ndm_state = NUD_PERMANENT};
	mnl_attr_put_u32(header, NDA_DST, inet_addr(NEXT_HOP));
	mnl_attr_put(header, NDA_LLADDR, MAC_OCTETS, mac_outside);
	return talk(inside, &buffer, NULL, NULL);
}

/* The size that datagrams are cut to is that of the route: the device's would keep out what is to be cut. */
static int route_put(struct mnl_socket *inside, unsigned int ifindex, __u32 mtu)
{
	struct netlink_buffer buffer;
	struct nlmsghdr *header = request(&buffer, RTM_NEWROUTE, NLM_F_CREATE | NLM_F_REPLACE);
	struct rtmsg *route = mnl_nlmsg_put_extra_header(header, sizeof(*route));
	struct nlattr *metrics;

	*route = (struct rtmsg){.rtm_family = AF_INET,
				.rtm_table = RT_TABLE_MAIN,
				.rtm_protocol = RTPROT_STATIC,
				.rtm_scope = RT_SCOPE_UNIVERSE,
				.rtm_type = RTN_UNICAST,
				.rtm_flags = RTNH_F_ONLINK};
	mnl_attr_put_u32(header, RTA_OIF, ifindex);
	mnl_attr_put_u32(header, RTA_GATEWAY, inet_addr(NEXT_HOP));
	metrics = mnl_attr_nest_start(header, RTA_METRICS);
	mnl_attr_put_u32(header, RTAX_MTU, mtu);
	mnl_attr_nest_end(header, metrics);
	return talk(inside, &buffer, NULL, NULL);
}

/* --- the whole -------------------------------------------------------------------------------------------- */

static bool is_ours(const struct end *end)
{
	return end->veth && !memcmp(end->mac, mac_outside, MAC_OCTETS);
}

static int failed(struct sorter *sorter, const char *what, int ret)
{
	strbuf_add(&sorter->why, "%s: %s", what, strerror(-ret));
	return ret;
}

/* Removes what is left of a cable that is not whole. */
static int clear(struct sorter *sorter, const struct end *outside, const struct end *inside)
{
	int ret = 0;

	if (outside->ifindex && !is_ours(outside)) {
		strbuf_add(&sorter->why, SORTER_DEVICE ": a device of that name is not ours");
		return -EEXIST;
	}
	if (outside->ifindex)
		ret = end_delete(NULL, outside->ifindex);
	if (!ret && inside->ifindex)
		ret = end_delete(sorter->inside, inside->ifindex);
	/* With one end goes the other. */
	if (ret && ret != -ENODEV)
		return failed(sorter, SORTER_DEVICE, ret);
	return 0;
}

/* Our end would get an address of its own otherwise, and speak. */
static void silence(void)
{
	_close_ int fd = open("/proc/sys/net/ipv6/conf/" SORTER_DEVICE "/disable_ipv6",
			      O_WRONLY | O_CLOEXEC);

	if (fd >= 0 && write(fd, "1", 1) < 0)
		return;
}

/* Both ends in *ret_outside and *ret_inside, with the cable made anew if it is not whole. */
static int ends_get(struct sorter *sorter, struct end *ret_outside, struct end *ret_inside)
{
	int ret;

	*ret_outside = *ret_inside = (struct end){0};
	end_get(NULL, SORTER_DEVICE, ret_outside);
	end_get(sorter->inside, SORTER_DEVICE_INSIDE, ret_inside);
	if (ret_outside->ifindex && ret_inside->ifindex && is_ours(ret_outside) &&
	    ret_outside->peer == ret_inside->ifindex && ret_inside->peer == ret_outside->ifindex)
		return 0;
	ret = clear(sorter, ret_outside, ret_inside);
	if (ret)
		return ret;
	ret = cable_make(sorter->netns);
	if (!ret)
		ret = end_get(NULL, SORTER_DEVICE, ret_outside);
	if (!ret)
		ret = end_get(sorter->inside, SORTER_DEVICE_INSIDE, ret_inside);
	if (ret)
		return failed(sorter, "its virtual cable (veth) cannot be made", ret);
	silence();
	return 0;
}

/* Where the namespace could not be entered: what an earlier daemon left works on, with the size that it had then. */
static int adopt_blindly(struct sorter *sorter)
{
	struct end outside = {0};
	int ret = end_get(NULL, SORTER_DEVICE, &outside);

	if (ret || !is_ours(&outside) || !(outside.flags & IFF_LOWER_UP))
		return failed(sorter, "its namespace cannot be entered", -EPERM);
	sorter->ifindex = outside.ifindex;
	return 0;
}

int sorter_cable_up(struct sorter *sorter)
{
	struct end outside, inside;
	int ret;

	if (!sorter->inside)
		return adopt_blindly(sorter);
	ret = ends_get(sorter, &outside, &inside);
	if (ret)
		return ret;
	ret = link_set_up(NULL, outside.ifindex, CABLE_MTU);
	if (!ret)
		ret = link_set_up(sorter->inside, inside.ifindex, CABLE_MTU);
	/* A namespace without any address has no notion of what a gateway's address is. */
	if (!ret)
		ret = link_set_up(sorter->inside, LOOPBACK_IFINDEX, 0);
	if (!ret)
		ret = neighbour_put(sorter->inside, inside.ifindex);
	if (!ret)
		ret = route_put(sorter->inside, inside.ifindex, sorter->mtu);
	if (ret)
		return failed(sorter, "its virtual cable cannot be set up", ret);
	sorter->ifindex = outside.ifindex;
	return 0;
}

bool sorter_holds(const struct sorter *sorter)
{
	struct end outside = {0};

	return !end_get(NULL, SORTER_DEVICE, &outside) && outside.ifindex == sorter->ifindex &&
	       (outside.flags & IFF_UP) && (outside.flags & IFF_LOWER_UP);
}

int sorter_cable_remove(void)
{
	struct end outside = {0};
	int ret = end_get(NULL, SORTER_DEVICE, &outside);

	if (!ret && is_ours(&outside))
		ret = end_delete(NULL, outside.ifindex);
	return ret == -ENODEV ? 0 : ret;
}

int sorter_cable_probe(void)
{
	return cable_make(-1);
}
