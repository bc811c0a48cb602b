// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <linux/if_bridge.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <net/if_arp.h>
#include <string.h>

#include "fast_path.h"
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

static void take_text(char *at, size_t size, const struct nlattr *attr)
{
	snprintf(at, size, "%s", mnl_attr_get_str(attr));
}

static void take_port(struct fast_fact *fact, const struct nlattr *data)
{
	struct nlattr *attr;

	mnl_attr_for_each_nested(attr, data)
	{
		switch (mnl_attr_get_type(attr)) {
		case IFLA_BRPORT_STATE:
			fact->forwarding = mnl_attr_get_u8(attr) == BR_STATE_FORWARDING;
			break;
		case IFLA_BRPORT_ISOLATED:
			fact->isolated = mnl_attr_get_u8(attr);
			break;
		case IFLA_BRPORT_NEIGH_SUPPRESS:
		case IFLA_BRPORT_VLAN_TUNNEL:
		case IFLA_BRPORT_LOCKED:
			fact->guarded |= mnl_attr_get_u8(attr) != 0;
			break;
		}
	}
}

/* Of a bridge; other kinds have other attributes by the same number. */
static void take_bridge(struct fast_fact *fact, const struct nlattr *data)
{
	struct nlattr *attr;

	mnl_attr_for_each_nested(attr, data)
	{
		if (mnl_attr_get_type(attr) == IFLA_BR_VLAN_FILTERING)
			fact->filters_vlans = mnl_attr_get_u8(attr);
	}
}

static void take_info(struct fast_fact *fact, const struct nlattr *info)
{
	struct nlattr *attr, *data = NULL, *port = NULL;
	char port_of[16] = "";

	mnl_attr_for_each_nested(attr, info)
	{
		switch (mnl_attr_get_type(attr)) {
		case IFLA_INFO_KIND:
			take_text(fact->kind, sizeof(fact->kind), attr);
			break;
		case IFLA_INFO_DATA:
			data = attr;
			break;
		case IFLA_INFO_SLAVE_KIND:
			take_text(port_of, sizeof(port_of), attr);
			break;
		case IFLA_INFO_SLAVE_DATA:
			port = attr;
			break;
		}
	}
	if (data && !strcmp(fact->kind, "bridge"))
		take_bridge(fact, data);
	if (port && !strcmp(port_of, "bridge"))
		take_port(fact, port);
}

static void take_xdp(struct fast_fact *fact, const struct nlattr *xdp)
{
	struct nlattr *attr;

	mnl_attr_for_each_nested(attr, xdp)
	{
		if (mnl_attr_get_type(attr) == IFLA_XDP_ATTACHED)
			fact->has_xdp = mnl_attr_get_u8(attr) != XDP_ATTACHED_NONE;
	}
}

static void take_attr(struct fast_fact *fact, const struct nlattr *attr, bool *is_elsewhere)
{
	switch (mnl_attr_get_type(attr)) {
	case IFLA_IFNAME:
		take_text(fact->name, sizeof(fact->name), attr);
		break;
	case IFLA_QDISC:
		take_text(fact->qdisc, sizeof(fact->qdisc), attr);
		break;
	case IFLA_MASTER:
		fact->master = mnl_attr_get_u32(attr);
		break;
	case IFLA_LINK:
		fact->lower = mnl_attr_get_u32(attr);
		break;
	case IFLA_LINK_NETNSID:
		*is_elsewhere = true;
		break;
	case IFLA_LINKINFO:
		take_info(fact, attr);
		break;
	case IFLA_XDP:
		take_xdp(fact, attr);
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
	struct nlattr *attr;
	bool is_elsewhere = false;
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
	mnl_attr_for_each(attr, header, sizeof(*info)) take_attr(fact, attr, &is_elsewhere);
	if (is_elsewhere || fact->lower == fact->ifindex)
		fact->lower = 0;
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

bool fast_facts_stacked(const struct fast_fact *fact)
{
	/* Those whose parts may be in another namespace, or are told in another way. */
	static const char *const kinds[] = {"vlan",   "macvlan", "macvtap", "ipvlan", "ipvtap",
					    "macsec", "bond",	 "team",    "hsr"};

	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		if (!strcmp(fact->kind, kinds[i]))
			return true;
	}
	return fact->lower && strcmp(fact->kind, "veth");
}

static bool has_vlan(const struct fast_facts *facts, unsigned int ifindex)
{
	for (size_t i = 0; ifindex && i < facts->n; i++) {
		if (facts->items[i].lower == ifindex && !strcmp(facts->items[i].kind, "vlan"))
			return true;
	}
	return false;
}

bool fast_facts_vlans(const struct fast_facts *facts, const struct fast_fact *fact)
{
	return has_vlan(facts, fact->ifindex) || has_vlan(facts, fact->master) ||
	       (!strcmp(fact->kind, "veth") && has_vlan(facts, fact->lower));
}
