// SPDX-License-Identifier: GPL-2.0-or-later
#include "peers.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/netfilter/nf_conntrack_common.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_conntrack.h>
#include <netinet/in.h>
#include <string.h>

#include "nl.h"

struct tuple {
	struct ip_addr src, dst;
	__u16 sport, dport; /* host byte order; 0 for protocols without */
	__u8 proto;
};

struct count {
	struct strbuf *lines;
	size_t max, n;
};

/* false for what is not a whole tuple; the kernel always sends one. */
static bool tuple_parse(const struct nlattr *attr, struct tuple *ret_tuple)
{
	struct nlattr *tb[CTA_TUPLE_MAX + 1], *ip[CTA_IP_MAX + 1], *proto[CTA_PROTO_MAX + 1];
	struct tuple tuple = {};

	if (!attr)
		return false;
	nl_attrs_nested(attr, tb, CTA_TUPLE_MAX);
	if (!tb[CTA_TUPLE_IP] || !tb[CTA_TUPLE_PROTO])
		return false;
	nl_attrs_nested(tb[CTA_TUPLE_IP], ip, CTA_IP_MAX);
	nl_attrs_nested(tb[CTA_TUPLE_PROTO], proto, CTA_PROTO_MAX);
	if (!nl_attr_addr(ip[CTA_IP_V4_SRC], &tuple.src) &&
	    !nl_attr_addr(ip[CTA_IP_V6_SRC], &tuple.src))
		return false;
	if (!nl_attr_addr(ip[CTA_IP_V4_DST], &tuple.dst) &&
	    !nl_attr_addr(ip[CTA_IP_V6_DST], &tuple.dst))
		return false;
	if (proto[CTA_PROTO_NUM])
		tuple.proto = mnl_attr_get_u8(proto[CTA_PROTO_NUM]);
	if (proto[CTA_PROTO_SRC_PORT])
		tuple.sport = ntohs(mnl_attr_get_u16(proto[CTA_PROTO_SRC_PORT]));
	if (proto[CTA_PROTO_DST_PORT])
		tuple.dport = ntohs(mnl_attr_get_u16(proto[CTA_PROTO_DST_PORT]));
	*ret_tuple = tuple;
	return true;
}

static void endpoint_add(struct strbuf *out, const struct ip_addr *addr, __u16 port)
{
	char text[IP_TEXT_MAX];

	strbuf_add(out, port && !ip_addr_is_v4(addr) ? "[%s]" : "%s", ip_addr_format(addr, text));
	if (port)
		strbuf_add(out, ":%u", port);
}

static void proto_add(struct strbuf *out, __u8 proto)
{
	static const struct {
		__u8 proto;
		const char *name;
	} names[] = {
		{IPPROTO_TCP, "tcp"},
		{IPPROTO_UDP, "udp"},
		{IPPROTO_ICMP, "icmp"},
		{IPPROTO_ICMPV6, "icmpv6"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		if (names[i].proto == proto) {
			strbuf_add(out, "%s", names[i].name);
			return;
		}
	}
	strbuf_add(out, "protocol %u", proto);
}

/* What an answer is sent to and comes from is what NAT has made of source and destination. */
static void line_add(struct strbuf *out, __u32 status, const struct tuple *orig,
		     const struct tuple *reply)
{
	proto_add(out, orig->proto);
	strbuf_add(out, " ");
	endpoint_add(out, &orig->src, orig->sport);
	strbuf_add(out, " to ");
	endpoint_add(out, &orig->dst, orig->dport);
	if (status & IPS_SRC_NAT) {
		strbuf_add(out, ", source becomes ");
		endpoint_add(out, &reply->dst, reply->dport);
	}
	if (status & IPS_DST_NAT) {
		strbuf_add(out, ", destination becomes ");
		endpoint_add(out, &reply->src, reply->sport);
	}
	strbuf_add(out, "\n");
}

static int on_entry(const struct nlmsghdr *nlh, void *data)
{
	struct nlattr *tb[CTA_MAX + 1];
	struct tuple orig, reply;
	struct count *count = data;
	__u32 status;

	nl_attrs(nlh, sizeof(struct nfgenmsg), tb, CTA_MAX);
	status = tb[CTA_STATUS] ? ntohl(mnl_attr_get_u32(tb[CTA_STATUS])) : 0;
	if (!(status & IPS_NAT_MASK))
		return MNL_CB_OK;
	if (count->n++ < count->max && tuple_parse(tb[CTA_TUPLE_ORIG], &orig) &&
	    tuple_parse(tb[CTA_TUPLE_REPLY], &reply))
		line_add(count->lines, status, &orig, &reply);
	return MNL_CB_OK;
}

int peers_read_nat(size_t max, struct strbuf *lines, size_t *ret_count)
{
	_Alignas(struct nlmsghdr) char buffer[NL_REQUEST_MAX];
	struct count count = {.lines = lines, .max = max};
	int r;

	/* The kernel's own filter by status asks for all bits of a mask at once; source or
	 * destination is an "or", so the whole table is read. */
	r = nl_request(NETLINK_NETFILTER,
		       nl_request_init(buffer, NFNL_SUBSYS_CTNETLINK << 8 | IPCTNL_MSG_CT_GET,
				       NLM_F_DUMP, sizeof(struct nfgenmsg)),
		       on_entry, &count);
	/* No nfnetlink, or no ctnetlink behind it (then the kernel calls the subsystem invalid). */
	if (r == -EPROTONOSUPPORT || r == -EINVAL || r == -ENOENT)
		return -EOPNOTSUPP;
	if (r < 0)
		return r;
	*ret_count = count.n;
	return 0;
}
