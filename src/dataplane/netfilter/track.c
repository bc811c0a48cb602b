// SPDX-License-Identifier: GPL-2.0-or-later
#include "track.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/netfilter/nf_conntrack_tcp.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include <libnetfilter_conntrack/libnetfilter_conntrack.h>

#include "file.h"
#include "netlink.h"

/* The longest number in /proc/sys. */
#define LIMIT_NUMBER_BYTES 32

static void ct_freep(struct nf_conntrack **ct)
{
	if (*ct)
		nfct_destroy(*ct);
}
#define _ct_ _cleanup_(ct_freep)

static const __u8 tcp_states[TCP_CONNTRACK_MAX] = {
	[TCP_CONNTRACK_SYN_SENT] = HP_TCP_SYN,
	[TCP_CONNTRACK_SYN_RECV] = HP_TCP_SYN_ACK,
	[TCP_CONNTRACK_ESTABLISHED] = HP_TCP_ESTABLISHED,
	[TCP_CONNTRACK_FIN_WAIT] = HP_TCP_FIN_ORIG,
	[TCP_CONNTRACK_CLOSE_WAIT] = HP_TCP_FIN_ORIG,
	[TCP_CONNTRACK_LAST_ACK] = HP_TCP_CLOSED,
	[TCP_CONNTRACK_TIME_WAIT] = HP_TCP_CLOSED,
	[TCP_CONNTRACK_CLOSE] = HP_TCP_RESET,
	[TCP_CONNTRACK_SYN_SENT2] = HP_TCP_SYN,
};

static struct ip_addr addr_of(const struct nf_conntrack *ct, enum nf_conntrack_attr v4,
			      enum nf_conntrack_attr v6)
{
	if (nfct_get_attr_u8(ct, ATTR_L3PROTO) == AF_INET)
		return ip_addr_from_v4(nfct_get_attr_u32(ct, v4));
	return ip_addr_from_v6(nfct_get_attr(ct, v6));
}

static bool has_ports(__u8 proto)
{
	return proto == IPPROTO_TCP || proto == IPPROTO_UDP || proto == IPPROTO_SCTP ||
	       proto == IPPROTO_DCCP;
}

static void read_ports(const struct nf_conntrack *ct, struct tracked *out)
{
	if (has_ports(out->proto)) {
		out->orig_sport = ntohs(nfct_get_attr_u16(ct, ATTR_ORIG_PORT_SRC));
		out->orig_dport = ntohs(nfct_get_attr_u16(ct, ATTR_ORIG_PORT_DST));
		out->reply_sport = ntohs(nfct_get_attr_u16(ct, ATTR_REPL_PORT_SRC));
		out->reply_dport = ntohs(nfct_get_attr_u16(ct, ATTR_REPL_PORT_DST));
	} else if (nfct_attr_is_set(ct, ATTR_ICMP_ID)) {
		out->orig_sport = out->reply_dport = ntohs(nfct_get_attr_u16(ct, ATTR_ICMP_ID));
	}
}

static struct tracked read_one(const struct nf_conntrack *ct)
{
	struct tracked out = {
		.proto = nfct_get_attr_u8(ct, ATTR_L4PROTO),
		.replied = nfct_get_attr_u32(ct, ATTR_STATUS) & IPS_SEEN_REPLY,
		.orig_src = addr_of(ct, ATTR_ORIG_IPV4_SRC, ATTR_ORIG_IPV6_SRC),
		.orig_dst = addr_of(ct, ATTR_ORIG_IPV4_DST, ATTR_ORIG_IPV6_DST),
		.reply_src = addr_of(ct, ATTR_REPL_IPV4_SRC, ATTR_REPL_IPV6_SRC),
		.reply_dst = addr_of(ct, ATTR_REPL_IPV4_DST, ATTR_REPL_IPV6_DST),
		.expires_s = nfct_get_attr_u32(ct, ATTR_TIMEOUT),
		.id = nfct_get_attr_u32(ct, ATTR_ID),
	};
	__u8 state;

	read_ports(ct, &out);
	if (out.proto == IPPROTO_TCP) {
		state = nfct_get_attr_u8(ct, ATTR_TCP_STATE);
		out.tcp_state = state < TCP_CONNTRACK_MAX ? tcp_states[state] : HP_TCP_NONE;
	}
	return out;
}

static int dump_cb(const struct nlmsghdr *header, void *data)
{
	_ct_ struct nf_conntrack *ct = nfct_new();
	struct tracked_list *list = data;

	if (ct && nfct_nlmsg_parse(header, ct) < 0)
		return MNL_CB_OK;
	if (list->n == list->size) {
		size_t size = list->size ? 2 * list->size : 256;
		struct tracked *items = reallocarray(list->items, size, sizeof(*items));

		if (items) {
			list->items = items;
			list->size = size;
		} else {
			list->no_memory = true;
		}
	}
	if (!ct)
		list->no_memory = true;
	else if (list->n < list->size)
		list->items[list->n++] = read_one(ct);
	return MNL_CB_OK;
}

static struct nlmsghdr *request(struct netlink_buffer *buffer, __u16 type, __u16 flags, __u8 family)
{
	struct nlmsghdr *header = mnl_nlmsg_put_header(buffer->bytes);
	struct nfgenmsg *message = mnl_nlmsg_put_extra_header(header, sizeof(*message));

	header->nlmsg_type = (__u16)(NFNL_SUBSYS_CTNETLINK << 8 | type);
	header->nlmsg_flags = (__u16)(NLM_F_REQUEST | flags);
	*message = (struct nfgenmsg){.nfgen_family = family, .version = NFNETLINK_V0};
	return header;
}

int track_dump(struct tracked_list *ret_list)
{
	struct netlink_buffer buffer;
	int ret;

	*ret_list = (struct tracked_list){0};
	request(&buffer, IPCTNL_MSG_CT_GET, NLM_F_DUMP, AF_UNSPEC);
	ret = netlink_talk(NETLINK_NETFILTER, &buffer, dump_cb, ret_list);
	return ret ? ret : ret_list->no_memory ? -ENOMEM : 0;
}

void tracked_list_fini(struct tracked_list *list)
{
	free(list->items);
	*list = (struct tracked_list){0};
}

static void set_tuple(struct nf_conntrack *ct, const struct tracked *tracked)
{
	bool v4 = ip_addr_is_v4(&tracked->orig_src);

	nfct_set_attr_u8(ct, ATTR_L3PROTO, v4 ? AF_INET : AF_INET6);
	nfct_set_attr_u8(ct, ATTR_L4PROTO, tracked->proto);
	if (v4) {
		nfct_set_attr_u32(ct, ATTR_IPV4_SRC, ip_addr_v4(&tracked->orig_src));
		nfct_set_attr_u32(ct, ATTR_IPV4_DST, ip_addr_v4(&tracked->orig_dst));
	} else {
		nfct_set_attr(ct, ATTR_IPV6_SRC, tracked->orig_src.b);
		nfct_set_attr(ct, ATTR_IPV6_DST, tracked->orig_dst.b);
	}
	if (has_ports(tracked->proto)) {
		nfct_set_attr_u16(ct, ATTR_PORT_SRC, htons(tracked->orig_sport));
		nfct_set_attr_u16(ct, ATTR_PORT_DST, htons(tracked->orig_dport));
	} else if (tracked->proto == IPPROTO_ICMP || tracked->proto == IPPROTO_ICMPV6) {
		/* Of requests, which are what conntrack begins with. */
		nfct_set_attr_u8(ct, ATTR_ICMP_TYPE, tracked->proto == IPPROTO_ICMP ? 8 : 128);
		nfct_set_attr_u8(ct, ATTR_ICMP_CODE, 0);
		nfct_set_attr_u16(ct, ATTR_ICMP_ID, htons(tracked->orig_sport));
	}
}

int track_end(const struct tracked *tracked)
{
	_ct_ struct nf_conntrack *ct = nfct_new();
	struct netlink_buffer buffer;
	struct nlmsghdr *header;
	int ret;

	if (!ct)
		return -ENOMEM;
	set_tuple(ct, tracked);
	nfct_set_attr_u32(ct, ATTR_ID, tracked->id);
	header = request(&buffer, IPCTNL_MSG_CT_DELETE, NLM_F_ACK,
			 ip_addr_is_v4(&tracked->orig_src) ? AF_INET : AF_INET6);
	if (nfct_nlmsg_build(header, ct) < 0)
		return -EINVAL;
	ret = netlink_talk(NETLINK_NETFILTER, &buffer, NULL, NULL);
	return ret == -ENOENT ? 0 : ret;
}

/* One message for each CPU. What clashes is counted as dropped, too. */
static int stats_cb(const struct nlmsghdr *header, void *data)
{
	__u32 values[CTA_STATS_MAX + 1] = {0};
	struct track_stats *stats = data;
	struct nlattr *attr;

	mnl_attr_for_each(attr, header, sizeof(struct nfgenmsg))
	{
		if (mnl_attr_get_type(attr) <= CTA_STATS_MAX &&
		    mnl_attr_get_payload_len(attr) == sizeof(__u32))
			values[mnl_attr_get_type(attr)] = ntohl(mnl_attr_get_u32(attr));
	}
	stats->clashed += values[CTA_STATS_INSERT_FAILED];
	if (values[CTA_STATS_DROP] > values[CTA_STATS_INSERT_FAILED])
		stats->no_room += values[CTA_STATS_DROP] - values[CTA_STATS_INSERT_FAILED];
	stats->replaced += values[CTA_STATS_EARLY_DROP];
	return MNL_CB_OK;
}

int track_stats(struct track_stats *ret_stats)
{
	struct netlink_buffer buffer;

	*ret_stats = (struct track_stats){0};
	request(&buffer, IPCTNL_MSG_CT_GET_STATS_CPU, NLM_F_DUMP, AF_UNSPEC);
	return netlink_talk(NETLINK_NETFILTER, &buffer, stats_cb, ret_stats);
}

static __u32 number(const char *path)
{
	_free_ char *text = NULL;
	size_t length;

	if (file_read(path, LIMIT_NUMBER_BYTES, &text, &length))
		return 0;
	return (__u32)strtoul(text, NULL, 10);
}

__u32 track_count(void)
{
	return number("/proc/sys/net/netfilter/nf_conntrack_count");
}

__u32 track_max(void)
{
	return number("/proc/sys/net/netfilter/nf_conntrack_max");
}
