// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <linux/rtnetlink.h>
#include <net/if_arp.h>
#include <string.h>

#include "fast.h"
#include "netlink.h"

/* Each is interrupted by a change that falls between two of its parts. */
#define READ_TRIES 16

static struct fast_fact *add(struct fast_facts *facts)
{
	struct fast_fact *more;

	/* Full when the number is a power of two. */
	if ((facts->n & (facts->n - 1)) == 0) {
		more = reallocarray(facts->items, facts->n ? 2 * facts->n : 1, sizeof(*more));
		if (!more)
			return NULL;
		facts->items = more;
	}
	more = &facts->items[facts->n++];
	*more = (struct fast_fact){0};
	return more;
}

static bool is_bridge(const struct nlattr *linkinfo)
{
	const struct nlattr *attr;

	mnl_attr_for_each_nested(attr, linkinfo)
	{
		if (mnl_attr_get_type(attr) == IFLA_INFO_KIND)
			return !strcmp(mnl_attr_get_str(attr), "bridge");
	}
	return false;
}

static void take_attr(struct fast_fact *fact, const struct nlattr *attr)
{
	switch (mnl_attr_get_type(attr)) {
	case IFLA_MASTER:
		fact->master = mnl_attr_get_u32(attr);
		break;
	case IFLA_LINKINFO:
		fact->bridge = is_bridge(attr);
		break;
	case IFLA_ADDRESS:
		if (mnl_attr_get_payload_len(attr) == sizeof(fact->mac))
			memcpy(fact->mac, mnl_attr_get_payload(attr), sizeof(fact->mac));
		break;
	}
}

static int on_link(const struct nlmsghdr *header, void *data)
{
	const struct ifinfomsg *info = mnl_nlmsg_get_payload(header);
	const struct nlattr *attr;
	struct fast_fact *fact;

	if (header->nlmsg_type != RTM_NEWLINK)
		return MNL_CB_OK;
	fact = add(data);
	if (!fact) {
		errno = ENOMEM;
		return MNL_CB_ERROR;
	}
	fact->ifindex = (unsigned int)info->ifi_index;
	fact->ethernet = info->ifi_type == ARPHRD_ETHER;
	mnl_attr_for_each(attr, header, sizeof(*info)) take_attr(fact, attr);
	return MNL_CB_OK;
}

static int read_once(struct fast_facts *facts)
{
	struct netlink_buffer buffer;
	struct nlmsghdr *header = mnl_nlmsg_put_header(buffer.bytes);
	struct ifinfomsg *info;

	header->nlmsg_type = RTM_GETLINK;
	header->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
	info = mnl_nlmsg_put_extra_header(header, sizeof(*info));
	*info = (struct ifinfomsg){.ifi_family = AF_UNSPEC};
	facts->n = 0;
	return netlink_talk(NETLINK_ROUTE, &buffer, on_link, facts);
}

int fast_facts_read(struct fast_facts *ret_facts)
{
	int ret = -EINTR;

	*ret_facts = (struct fast_facts){0};
	for (int i = 0; i < READ_TRIES && ret == -EINTR; i++) {
		fast_facts_fini(ret_facts);
		ret = read_once(ret_facts);
	}
	return ret;
}

void fast_facts_fini(struct fast_facts *facts)
{
	free(facts->items);
	*facts = (struct fast_facts){0};
}

const struct fast_fact *fast_facts_find(const struct fast_facts *facts, unsigned int ifindex)
{
	for (size_t i = 0; i < facts->n; i++) {
		if (facts->items[i].ifindex == ifindex)
			return &facts->items[i];
	}
	return NULL;
}
