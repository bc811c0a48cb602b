// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A snapshot is six dumps. Each is made anew from nothing when the kernel says that one of them was interrupted; a change
 * between two dumps is not seen here, but it has made the watch readable, and the next snapshot has it.
 */
#include "facts.h"

#include <errno.h>
#include <linux/if_link.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <net/if_arp.h>
#include <string.h>

#include "nl.h"

/* Dumps are interrupted by changes that fall between two of their parts. Whoever changes a machine of many links so often
 * in a row will go on; the caller is then told, and tries again at the next event. */
#define READ_TRIES 16

#ifndef ARPHRD_RAWIP /* younger than the C library's header */
#define ARPHRD_RAWIP 519
#endif
#ifndef ARPHRD_IP6GRE
#define ARPHRD_IP6GRE 823
#endif
#ifndef IFF_LOWER_UP /* an enumerator of linux/if.h, which does not go with net/if.h everywhere */
#define IFF_LOWER_UP 0x10000
#endif

static bool has_link(const struct facts *facts, unsigned int ifindex)
{
	for (size_t i = 0; ifindex && i < facts->n_links; i++) {
		if (facts->links[i].ifindex == ifindex)
			return true;
	}
	return false;
}

/* --- links and their addresses ------------------------------------------------------------------ */

static bool is_bridge(const struct nlattr *info)
{
	struct nlattr *tb[IFLA_INFO_MAX + 1];

	if (!info)
		return false;
	nl_attrs_nested(info, tb, IFLA_INFO_MAX);
	return tb[IFLA_INFO_KIND] && !strcmp(mnl_attr_get_str(tb[IFLA_INFO_KIND]), "bridge");
}

/*
 * A GRE tunnel with no remote of its own shows the header around each packet as that of its link, so that packets do not begin with
 * what they carry, and what is sent has to name the remote.
 */
static bool is_gre_to_many(const struct ifinfomsg *info)
{
	return (info->ifi_type == ARPHRD_IPGRE || info->ifi_type == ARPHRD_IP6GRE) &&
	       !(info->ifi_flags & IFF_POINTOPOINT);
}

/* As the kernel judges it: dev_is_mac_header_xmit(). */
static bool is_layer3(const struct ifinfomsg *info)
{
	static const unsigned int types[] = {
		ARPHRD_TUNNEL, ARPHRD_TUNNEL6, ARPHRD_SIT,   ARPHRD_IPGRE,  ARPHRD_IP6GRE,
		ARPHRD_VOID,   ARPHRD_NONE,    ARPHRD_RAWIP, ARPHRD_PIMREG, ARPHRD_PPP,
	};

	for (size_t i = 0; i < ARRAY_SIZE(types); i++) {
		if (types[i] == info->ifi_type)
			return !is_gre_to_many(info);
	}
	return false;
}

static void link_fill(struct fact_link *link, const struct ifinfomsg *info, struct nlattr **tb)
{
	link->ifindex = (unsigned int)info->ifi_index;
	link->up = info->ifi_flags & IFF_UP;
	link->running = info->ifi_flags & IFF_LOWER_UP;
	link->ethernet = info->ifi_type == ARPHRD_ETHER;
	link->layer3 = is_layer3(info);
	link->bridge = is_bridge(tb[IFLA_LINKINFO]);
	link->master = tb[IFLA_MASTER] ? mnl_attr_get_u32(tb[IFLA_MASTER]) : 0;
	link->mtu = tb[IFLA_MTU] ? mnl_attr_get_u32(tb[IFLA_MTU]) : 0;
	if (tb[IFLA_ADDRESS] && mnl_attr_get_payload_len(tb[IFLA_ADDRESS]) == sizeof(link->mac))
		memcpy(link->mac, mnl_attr_get_payload(tb[IFLA_ADDRESS]), sizeof(link->mac));
}

/* Not out of the dump, where a master may come before its ports or after them. */
static void master_fill(struct fact_link *link)
{
	if (link->master && !if_indextoname(link->master, link->master_name))
		link->master_name[0] = '\0';
}

static int on_link(const struct nlmsghdr *nlh, void *data)
{
	const struct ifinfomsg *info = mnl_nlmsg_get_payload(nlh);
	struct nlattr *tb[IFLA_MAX + 1];
	struct facts *facts = data;

	nl_attrs(nlh, sizeof(*info), tb, IFLA_MAX);
	if (!tb[IFLA_IFNAME])
		return MNL_CB_OK;
	for (size_t i = 0; i < facts->n_links; i++) {
		if (!strcmp(facts->links[i].name, mnl_attr_get_str(tb[IFLA_IFNAME])))
			link_fill(&facts->links[i], info, tb);
	}
	return MNL_CB_OK;
}

static int link_addr_add(struct fact_link *link, const struct ip_addr *addr, __u8 length,
			 __u32 flags)
{
	struct fact_addr *fact = array_add(link->addrs, link->n_addrs);

	if (!fact)
		return MNL_CB_ERROR;
	fact->addr = *addr;
	fact->length = length;
	fact->permanent = !(flags & (IFA_F_DEPRECATED | IFA_F_TENTATIVE | IFA_F_DADFAILED));
	return MNL_CB_OK;
}

static int other_add(struct facts *facts, const struct ip_addr *addr)
{
	struct ip_addr *other = array_add(facts->others, facts->n_others);

	if (!other)
		return MNL_CB_ERROR;
	*other = *addr;
	return MNL_CB_OK;
}

static int on_addr(const struct nlmsghdr *nlh, void *data)
{
	const struct ifaddrmsg *ifa = mnl_nlmsg_get_payload(nlh);
	struct nlattr *tb[IFA_MAX + 1];
	struct facts *facts = data;
	struct ip_addr addr;
	__u32 flags;

	nl_attrs(nlh, sizeof(*ifa), tb, IFA_MAX);
	/* IPv6 has IFA_LOCAL only where there is a peer. */
	if (!nl_attr_addr(tb[IFA_LOCAL], &addr) && !nl_attr_addr(tb[IFA_ADDRESS], &addr))
		return MNL_CB_OK;
	if (!has_link(facts, ifa->ifa_index))
		return other_add(facts, &addr);

	flags = tb[IFA_FLAGS] ? mnl_attr_get_u32(tb[IFA_FLAGS]) : ifa->ifa_flags;
	for (size_t i = 0; i < facts->n_links; i++) {
		struct fact_link *link = &facts->links[i];

		if (link->ifindex == ifa->ifa_index &&
		    link_addr_add(link, &addr, ifa->ifa_prefixlen, flags) < 0)
			return MNL_CB_ERROR;
	}
	return MNL_CB_OK;
}

/* --- routes ------------------------------------------------------------------------------------- */

/* An IPv4 route by way of an IPv6 router has RTA_VIA: a family, then the address. */
static void via_get(const struct nlattr *via, struct ip_addr *ret_gateway)
{
	const struct rtvia *rtvia = mnl_attr_get_payload(via);
	size_t length = mnl_attr_get_payload_len(via);

	if (length == sizeof(*rtvia) + 16 && rtvia->rtvia_family == AF_INET6)
		*ret_gateway = ip_addr_from_v6(rtvia->rtvia_addr);
}

/* @tb are the attributes of a route or of one of its next hops: the same numbers. */
static int route_add(struct facts *facts, const struct fact_route *route, unsigned int ifindex,
		     struct nlattr **tb)
{
	struct fact_route *fact;

	if (!has_link(facts, ifindex))
		return MNL_CB_OK;
	fact = array_add(facts->routes, facts->n_routes);
	if (!fact)
		return MNL_CB_ERROR;
	*fact = *route;
	fact->ifindex = ifindex;
	if (!nl_attr_addr(tb[RTA_GATEWAY], &fact->gateway) && tb[RTA_VIA])
		via_get(tb[RTA_VIA], &fact->gateway);
	return MNL_CB_OK;
}

static int route_add_multipath(struct facts *facts, const struct fact_route *route,
			       const struct nlattr *multipath)
{
	char *at = mnl_attr_get_payload(multipath);
	size_t left = mnl_attr_get_payload_len(multipath);
	struct nlattr *tb[RTA_MAX + 1];

	while (left >= sizeof(struct rtnexthop)) {
		struct rtnexthop hop;
		size_t step;

		memcpy(&hop, at, sizeof(hop));
		if (hop.rtnh_len < sizeof(hop) || hop.rtnh_len > left)
			break;
		nl_attrs_in(at + sizeof(hop), hop.rtnh_len - sizeof(hop), tb, RTA_MAX);
		if (!(hop.rtnh_flags & RTNH_F_DEAD) &&
		    route_add(facts, route, (unsigned int)hop.rtnh_ifindex, tb) < 0)
			return MNL_CB_ERROR;
		step = RTNH_ALIGN(hop.rtnh_len);
		if (step >= left)
			break;
		left -= step;
		at += step;
	}
	return MNL_CB_OK;
}

/* A network without a carrier (RTNH_F_LINKDOWN) keeps its route and counts; one whose device is down does not. */
static bool route_counts(const struct rtmsg *rtm)
{
	return rtm->rtm_type == RTN_UNICAST && rtm->rtm_table == RT_TABLE_MAIN &&
	       !(rtm->rtm_flags & (RTM_F_CLONED | RTNH_F_DEAD));
}

static int on_route(const struct nlmsghdr *nlh, void *data)
{
	const struct rtmsg *rtm = mnl_nlmsg_get_payload(nlh);
	struct fact_route route = {.table = RT_TABLE_MAIN};
	struct nlattr *tb[RTA_MAX + 1];
	struct ip_addr dst = {};

	if (!route_counts(rtm))
		return MNL_CB_OK;
	nl_attrs(nlh, sizeof(*rtm), tb, RTA_MAX);
	if (!nl_attr_addr(tb[RTA_DST], &dst) && rtm->rtm_family == AF_INET)
		dst = ip_addr_from_v4(0);
	route.net = ip_net_of(&dst, rtm->rtm_dst_len);
	route.metric = tb[RTA_PRIORITY] ? mnl_attr_get_u32(tb[RTA_PRIORITY]) : 0;
	if (tb[RTA_MULTIPATH])
		return route_add_multipath(data, &route, tb[RTA_MULTIPATH]);
	if (!tb[RTA_OIF])
		return MNL_CB_OK;
	return route_add(data, &route, mnl_attr_get_u32(tb[RTA_OIF]), tb);
}

static int on_route4(const struct nlmsghdr *nlh, void *data)
{
	const struct rtmsg *rtm = mnl_nlmsg_get_payload(nlh);

	return rtm->rtm_family == AF_INET ? on_route(nlh, data) : MNL_CB_OK;
}

/* A kernel without IPv6 answers with the routes of all families that it has. */
static int on_route6(const struct nlmsghdr *nlh, void *data)
{
	const struct rtmsg *rtm = mnl_nlmsg_get_payload(nlh);

	return rtm->rtm_family == AF_INET6 ? on_route(nlh, data) : MNL_CB_OK;
}

/* --- neighbours --------------------------------------------------------------------------------- */

#define NUD_VALID (NUD_PERMANENT | NUD_REACHABLE | NUD_PROBE | NUD_STALE | NUD_DELAY)

static int on_neigh(const struct nlmsghdr *nlh, void *data)
{
	const struct ndmsg *ndm = mnl_nlmsg_get_payload(nlh);
	struct nlattr *tb[NDA_MAX + 1];
	struct facts *facts = data;
	struct fact_neigh *fact;
	struct ip_addr addr;

	nl_attrs(nlh, sizeof(*ndm), tb, NDA_MAX);
	/* NUD_NOARP: multicast groups and devices without resolution, no neighbour that somebody looks for. */
	if (ndm->ndm_state == NUD_NONE || ndm->ndm_state == NUD_NOARP ||
	    !has_link(facts, (unsigned int)ndm->ndm_ifindex) || !nl_attr_addr(tb[NDA_DST], &addr))
		return MNL_CB_OK;
	fact = array_add(facts->neighs, facts->n_neighs);
	if (!fact)
		return MNL_CB_ERROR;
	fact->addr = addr;
	fact->ifindex = (unsigned int)ndm->ndm_ifindex;
	fact->reachable = ndm->ndm_state & NUD_VALID;
	if (tb[NDA_LLADDR] && mnl_attr_get_payload_len(tb[NDA_LLADDR]) == sizeof(fact->mac))
		memcpy(fact->mac, mnl_attr_get_payload(tb[NDA_LLADDR]), sizeof(fact->mac));
	return MNL_CB_OK;
}

/* --- the whole ---------------------------------------------------------------------------------- */

struct dump {
	__u16 type;
	__u8 family;
	size_t header;
	mnl_cb_t cb;
};

/* Links first: the others are sorted by what the links' numbers are. */
static const struct dump dumps[] = {
	{RTM_GETLINK, AF_UNSPEC, sizeof(struct ifinfomsg), on_link},
	{RTM_GETADDR, AF_UNSPEC, sizeof(struct ifaddrmsg), on_addr},
	{RTM_GETROUTE, AF_INET, sizeof(struct rtmsg), on_route4},
	{RTM_GETROUTE, AF_INET6, sizeof(struct rtmsg), on_route6},
	{RTM_GETNEIGH, AF_INET, sizeof(struct ndmsg), on_neigh},
	{RTM_GETNEIGH, AF_INET6, sizeof(struct ndmsg), on_neigh},
};

static int dump_run(const struct dump *dump, struct facts *facts)
{
	_Alignas(struct nlmsghdr) char buffer[NL_REQUEST_MAX];
	struct nlmsghdr *nlh = nl_request_init(buffer, dump->type, NLM_F_DUMP, dump->header);
	struct rtmsg *rtm = mnl_nlmsg_get_payload(nlh);
	int r;

	rtm->rtm_family = dump->family; /* the first octet in each of these headers */
	/* The million routes of some other table stay in the kernel. */
	if (dump->type == RTM_GETROUTE)
		rtm->rtm_table = RT_TABLE_MAIN;
	if (dump->type == RTM_GETLINK)
		mnl_attr_put_u32(nlh, IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS);
	r = nl_request(NETLINK_ROUTE, nlh, dump->cb, facts);
	/* No main table yet, or a kernel without IPv6: nothing there to be read. */
	if (dump->type != RTM_GETLINK && (r == -ENOENT || r == -EAFNOSUPPORT || r == -EOPNOTSUPP))
		return 0;
	return r;
}

static int facts_read_once(const char *const *names, size_t n_names, struct facts **ret_facts)
{
	struct facts *facts _facts_ = calloc(1, sizeof(*facts));

	if (!facts)
		return -ENOMEM;
	for (size_t i = 0; i < n_names; i++) {
		struct fact_link *link = array_add(facts->links, facts->n_links);

		if (!link)
			return -ENOMEM;
		if (strlen(names[i]) >= sizeof(link->name))
			return -EINVAL;
		strcpy(link->name, names[i]);
	}
	for (size_t i = 0; i < ARRAY_SIZE(dumps); i++) {
		int r = dump_run(&dumps[i], facts);

		if (r < 0)
			return r;
	}
	for (size_t i = 0; i < facts->n_links; i++)
		master_fill(&facts->links[i]);
	*ret_facts = TAKE_PTR(facts);
	return 0;
}

int facts_read(const char *const *names, size_t n_names, struct facts **ret_facts)
{
	int r = -EINTR;

	for (int i = 0; i < READ_TRIES && r == -EINTR; i++)
		r = facts_read_once(names, n_names, ret_facts);
	return r;
}
