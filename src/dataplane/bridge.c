// SPDX-License-Identifier: GPL-2.0-or-later
#include "bridge.h"

#include <errno.h>
#include <linux/rtnetlink.h>
#include <stdbool.h>
#include <string.h>

#include "netlink.h"

static struct nlmsghdr *link_request(struct netlink_buffer *buffer, __u16 type, __u16 flags)
{
	struct nlmsghdr *header = mnl_nlmsg_put_header(buffer->bytes);
	struct ifinfomsg *info;

	header->nlmsg_type = type;
	header->nlmsg_flags = NLM_F_REQUEST | flags;
	info = mnl_nlmsg_put_extra_header(header, sizeof(*info));
	*info = (struct ifinfomsg){.ifi_family = AF_UNSPEC};
	return header;
}

struct link {
	const char *name;
	bool bridge;
	const struct nlattr *data; /* IFLA_INFO_DATA */
};

static void link_parse(const struct nlmsghdr *header, struct link *ret_link)
{
	struct nlattr *attr, *info;
	struct link link = {0};

	mnl_attr_for_each(attr, header, sizeof(struct ifinfomsg))
	{
		if (mnl_attr_get_type(attr) == IFLA_IFNAME)
			link.name = mnl_attr_get_str(attr);
		if (mnl_attr_get_type(attr) != IFLA_LINKINFO)
			continue;
		mnl_attr_for_each_nested(info, attr)
		{
			if (mnl_attr_get_type(info) == IFLA_INFO_KIND)
				link.bridge = !strcmp(mnl_attr_get_str(info), "bridge");
			if (mnl_attr_get_type(info) == IFLA_INFO_DATA)
				link.data = info;
		}
	}
	*ret_link = link;
}

struct list {
	bridge_cb cb;
	void *data;
};

static int list_cb(const struct nlmsghdr *header, void *data)
{
	const struct list *list = data;
	struct link link;

	link_parse(header, &link);
	if (link.bridge && link.name)
		list->cb(link.name, list->data);
	return MNL_CB_OK;
}

int bridge_list(bridge_cb cb, void *data)
{
	struct netlink_buffer buffer;
	struct list list = {.cb = cb, .data = data};

	link_request(&buffer, RTM_GETLINK, NLM_F_DUMP);
	return netlink_talk(NETLINK_ROUTE, &buffer, list_cb, &list);
}

struct get {
	int attribute;
	bool found;
	__u8 value;
};

static int get_cb(const struct nlmsghdr *header, void *data)
{
	struct nlattr *attr;
	struct get *get = data;
	struct link link;

	link_parse(header, &link);
	if (!link.bridge || !link.data)
		return MNL_CB_OK;
	mnl_attr_for_each_nested(attr, link.data)
	{
		if (mnl_attr_get_type(attr) != get->attribute)
			continue;
		get->found = true;
		get->value = mnl_attr_get_u8(attr);
	}
	return MNL_CB_OK;
}

/* A device that is gone is ENODEV to the kernel. */
static int no_entry(int ret)
{
	return ret == -ENODEV ? -ENOENT : ret;
}

int bridge_get(const char *name, int attribute, __u8 *ret_value)
{
	struct netlink_buffer buffer;
	struct nlmsghdr *header = link_request(&buffer, RTM_GETLINK, NLM_F_ACK);
	struct get get = {.attribute = attribute};
	int ret;

	mnl_attr_put_strz(header, IFLA_IFNAME, name);
	ret = no_entry(netlink_talk(NETLINK_ROUTE, &buffer, get_cb, &get));
	if (ret)
		return ret;
	if (!get.found)
		return -ENOENT;
	*ret_value = get.value;
	return 0;
}

int bridge_set(const char *name, int attribute, __u8 value)
{
	struct netlink_buffer buffer;
	struct nlmsghdr *header = link_request(&buffer, RTM_NEWLINK, NLM_F_ACK);
	struct nlattr *info, *attrs;

	mnl_attr_put_strz(header, IFLA_IFNAME, name);
	info = mnl_attr_nest_start(header, IFLA_LINKINFO);
	mnl_attr_put_strz(header, IFLA_INFO_KIND, "bridge");
	attrs = mnl_attr_nest_start(header, IFLA_INFO_DATA);
	mnl_attr_put_u8(header, (__u16)attribute, value);
	mnl_attr_nest_end(header, attrs);
	mnl_attr_nest_end(header, info);
	return no_entry(netlink_talk(NETLINK_ROUTE, &buffer, NULL, NULL));
}
