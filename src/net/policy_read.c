// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <linux/fib_rules.h>
#include <linux/rtnetlink.h>
#include <string.h>

#include "nl.h"
#include "policy.h"

#include <hairpin/limits.h>

/* Of Linux 6.15, which masks ports; whole where nobody said otherwise. Debian's headers are older. */
#define RULE_SPORT_MASK 28
#define RULE_DPORT_MASK 29

/* --- rules ---------------------------------------------------------------------------------------------- */

/* What rule_fits() looks at, and what changes nothing for a packet of a host. */
static bool is_known(unsigned int type)
{
	static const unsigned int known[] = {
		FRA_DST,
		FRA_SRC,
		FRA_IIFNAME,
		FRA_OIFNAME,
		FRA_GOTO,
		FRA_PRIORITY,
		FRA_FWMARK,
		FRA_FWMASK,
		FRA_FLOW,
		FRA_TABLE,
		FRA_SUPPRESS_PREFIXLEN,
		FRA_IP_PROTO,
		FRA_SPORT_RANGE,
		FRA_DPORT_RANGE,
		FRA_PROTOCOL,
		FRA_PAD,
	};

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		if (type == known[i])
			return true;
	}
	return false;
}

/* The rules of users ask what no packet of a host has: its user is root, here 0. */
static bool uid_is_root(const struct nlattr *attr)
{
	struct fib_rule_uid_range range;

	memcpy(&range, mnl_attr_get_payload(attr), sizeof(range));
	return range.start == 0;
}

static bool asks_for_unknown(const struct nlattr *attr)
{
	switch (mnl_attr_get_type(attr)) {
	case FRA_SUPPRESS_IFGROUP:
		return mnl_attr_get_u32(attr) != ~0u; /* the kernel's word for none */
	case FRA_UID_RANGE:
		return !uid_is_root(attr);
	case RULE_SPORT_MASK:
	case RULE_DPORT_MASK:
		return mnl_attr_get_u16(attr) != 0xffff;
	default:
		return !is_known(mnl_attr_get_type(attr));
	}
}

/* A newer kernel's attributes too, which have no place in a table of those that we know. */
static bool is_unknown(const struct nlmsghdr *nlh, const struct fib_rule_hdr *header)
{
	struct nlattr *attr;

	mnl_attr_for_each(attr, nlh, sizeof(*header))
	{
		if (asks_for_unknown(attr))
			return true;
	}
	return header->tos;
}

static void net_get(const struct nlattr *attr, __u8 length, struct ip_net *ret_net)
{
	struct ip_addr addr;

	if (nl_attr_addr(attr, &addr))
		*ret_net = ip_net_of(&addr, length);
}

static void name_get(const struct nlattr *attr, char *ret_name)
{
	if (attr)
		strncpy(ret_name, mnl_attr_get_str(attr), IFNAMSIZ - 1);
}

static __u32 number_get(const struct nlattr *attr, __u32 otherwise)
{
	return attr ? mnl_attr_get_u32(attr) : otherwise;
}

static void ports_get(const struct nlattr *attr, __u16 *ret_first, __u16 *ret_last)
{
	struct fib_rule_port_range range;

	if (!attr)
		return;
	memcpy(&range, mnl_attr_get_payload(attr), sizeof(range));
	*ret_first = range.start;
	*ret_last = range.end;
}

static enum policy_action action_of(__u8 action)
{
	switch (action) {
	case FR_ACT_TO_TBL:
		return POLICY_TABLE;
	case FR_ACT_GOTO:
		return POLICY_GOTO;
	case FR_ACT_NOP:
		return POLICY_NOP;
	default:
		return POLICY_REFUSE;
	}
}

static int on_rule(const struct nlmsghdr *nlh, void *data)
{
	const struct fib_rule_hdr *header = mnl_nlmsg_get_payload(nlh);
	struct nlattr *tb[FRA_MAX + 1];
	struct policy *policy = data;
	struct policy_rule *rule;

	if (header->family != AF_INET)
		return MNL_CB_OK;
	rule = array_add(policy->rules, policy->n_rules);
	if (!rule)
		return MNL_CB_ERROR;
	nl_attrs(nlh, sizeof(*header), tb, FRA_MAX);
	rule->priority = number_get(tb[FRA_PRIORITY], 0);
	rule->action = action_of(header->action);
	rule->table = number_get(tb[FRA_TABLE], header->table);
	rule->target = number_get(tb[FRA_GOTO], 0);
	rule->inverted = header->flags & FIB_RULE_INVERT;
	rule->unknown = is_unknown(nlh, header);
	net_get(tb[FRA_SRC], header->src_len, &rule->from);
	net_get(tb[FRA_DST], header->dst_len, &rule->to);
	name_get(tb[FRA_IIFNAME], rule->iif);
	name_get(tb[FRA_OIFNAME], rule->oif);
	rule->mark = number_get(tb[FRA_FWMARK], 0);
	rule->mask = number_get(tb[FRA_FWMASK], rule->mark ? ~0u : 0);
	rule->proto = tb[FRA_IP_PROTO] ? mnl_attr_get_u8(tb[FRA_IP_PROTO]) : 0;
	ports_get(tb[FRA_SPORT_RANGE], &rule->sport_first, &rule->sport_last);
	ports_get(tb[FRA_DPORT_RANGE], &rule->dport_first, &rule->dport_last);
	rule->suppress_length = (int)number_get(tb[FRA_SUPPRESS_PREFIXLEN], ~0u);
	return MNL_CB_OK;
}

/* --- routes --------------------------------------------------------------------------------------------- */

static enum policy_kind kind_of(__u8 type)
{
	switch (type) {
	case RTN_UNICAST:
		return POLICY_UNICAST;
	case RTN_LOCAL:
		return POLICY_LOCAL;
	case RTN_THROW:
		return POLICY_THROW;
	default:
		return POLICY_DEAD;
	}
}

/* Of several ways one stands for all: which it takes is the kernel's choice. */
static unsigned int device_of(struct nlattr **tb)
{
	struct rtnexthop hop;

	if (tb[RTA_OIF])
		return mnl_attr_get_u32(tb[RTA_OIF]);
	if (!tb[RTA_MULTIPATH] || mnl_attr_get_payload_len(tb[RTA_MULTIPATH]) < sizeof(hop))
		return 0;
	memcpy(&hop, mnl_attr_get_payload(tb[RTA_MULTIPATH]), sizeof(hop));
	return (unsigned int)hop.rtnh_ifindex;
}

static int on_route(const struct nlmsghdr *nlh, void *data)
{
	const struct rtmsg *rtm = mnl_nlmsg_get_payload(nlh);
	struct nlattr *tb[RTA_MAX + 1];
	struct policy *policy = data;
	struct policy_route *route;

	if (rtm->rtm_family != AF_INET || rtm->rtm_type == RTN_BROADCAST ||
	    rtm->rtm_type == RTN_MULTICAST || rtm->rtm_flags & (RTM_F_CLONED | RTNH_F_DEAD))
		return MNL_CB_OK;
	/* Nobody reads a finding that took the routes of the whole internet to make. */
	if (policy->n_routes >= LIMIT_POLICY_ROUTES) {
		errno = E2BIG;
		return MNL_CB_ERROR;
	}
	route = array_add(policy->routes, policy->n_routes);
	if (!route)
		return MNL_CB_ERROR;
	nl_attrs(nlh, sizeof(*rtm), tb, RTA_MAX);
	net_get(tb[RTA_DST], rtm->rtm_dst_len, &route->net);
	route->table = number_get(tb[RTA_TABLE], rtm->rtm_table);
	route->metric = number_get(tb[RTA_PRIORITY], 0);
	route->kind = kind_of(rtm->rtm_type);
	route->ifindex = device_of(tb);
	return MNL_CB_OK;
}

/* --- both ----------------------------------------------------------------------------------------------- */

static int dump(__u16 type, size_t header, mnl_cb_t cb, struct policy *policy)
{
	_Alignas(struct nlmsghdr) char buffer[NL_REQUEST_MAX];
	struct nlmsghdr *nlh = nl_request_init(buffer, type, NLM_F_DUMP, header);
	struct rtmsg *rtm = mnl_nlmsg_get_payload(nlh);

	rtm->rtm_family = AF_INET; /* the first octet in both headers */
	return nl_request(NETLINK_ROUTE, nlh, cb, policy);
}

int policy_read(struct policy *ret_policy)
{
	int ret = dump(RTM_GETRULE, sizeof(struct fib_rule_hdr), on_rule, ret_policy);

	if (!ret)
		ret = dump(RTM_GETROUTE, sizeof(struct rtmsg), on_route, ret_policy);
	if (ret)
		policy_fini(ret_policy);
	return ret;
}
