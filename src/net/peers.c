// SPDX-License-Identifier: GPL-2.0-or-later
#include "peers.h"

#include <errno.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <string.h>

#include "nl.h"

/* Longest address with a zone that can stand in $SSH_CONNECTION, NUL included. */
#define ENDPOINT_MAX 64

/* Splits off "%zone", copied to @zone (IFNAMSIZ) where there is one. */
static bool endpoint_parse(char *text, const char *port, struct ip_addr *ret_addr, char *zone)
{
	char *percent = strchr(text, '%');

	if (strlen(port) > 5 || strspn(port, "0123456789") != strlen(port))
		return false;
	if (percent) {
		*percent = '\0';
		if (!percent[1] || strlen(percent + 1) >= IFNAMSIZ)
			return false;
		strcpy(zone, percent + 1);
	}
	return atoi(port) > 0 && atoi(port) <= 65535 && !ip_addr_parse(text, ret_addr);
}

bool peers_parse_ssh_connection(const char *env, struct peer *ret_peer)
{
	char remote[ENDPOINT_MAX], local[ENDPOINT_MAX], remote_port[8], local_port[8];
	char zone[IFNAMSIZ] = "";
	struct peer peer = {};
	int used = 0;

	if (!env ||
	    sscanf(env, "%63s %7s %63s %7s%n", remote, remote_port, local, local_port, &used) != 4)
		return false;
	if (env[used] || !endpoint_parse(remote, remote_port, &peer.remote, peer.interface) ||
	    !endpoint_parse(local, local_port, &peer.local, zone))
		return false;
	peer.remote_port = (__u16)atoi(remote_port);
	peer.local_port = (__u16)atoi(local_port);
	*ret_peer = peer;
	return true;
}

bool peer_equal(const struct peer *a, const struct peer *b)
{
	return ip_addr_equal(&a->remote, &b->remote) && ip_addr_equal(&a->local, &b->local) &&
	       a->remote_port == b->remote_port && a->local_port == b->local_port;
}

static void endpoint_add(struct strbuf *out, const struct ip_addr *addr, __u16 port)
{
	char text[IP_TEXT_MAX];

	strbuf_add(out, ip_addr_is_v4(addr) ? "%s:%u" : "[%s]:%u", ip_addr_format(addr, text),
		   port);
}

void peer_format(const struct peer *peer, struct strbuf *out)
{
	endpoint_add(out, &peer->remote, peer->remote_port);
	strbuf_add(out, " to ");
	endpoint_add(out, &peer->local, peer->local_port);
	if (peer->interface[0])
		strbuf_add(out, " on %s", peer->interface);
}

static int on_route(const struct nlmsghdr *nlh, void *data)
{
	struct nlattr *tb[RTA_MAX + 1];
	unsigned int *ifindex = data;

	nl_attrs(nlh, sizeof(struct rtmsg), tb, RTA_MAX);
	if (tb[RTA_OIF])
		*ifindex = mnl_attr_get_u32(tb[RTA_OIF]);
	return MNL_CB_OK;
}

static void attr_put_addr(struct nlmsghdr *nlh, __u16 type, const struct ip_addr *addr)
{
	if (ip_addr_is_v4(addr))
		mnl_attr_put_u32(nlh, type, ip_addr_v4(addr));
	else
		mnl_attr_put(nlh, type, sizeof(addr->b), addr->b);
}

int peer_interface_find(struct peer *peer)
{
	_Alignas(struct nlmsghdr) char buffer[NL_REQUEST_MAX];
	struct nlmsghdr *nlh =
		nl_request_init(buffer, RTM_GETROUTE, NLM_F_ACK, sizeof(struct rtmsg));
	struct rtmsg *rtm = mnl_nlmsg_get_payload(nlh);
	bool v4 = ip_addr_is_v4(&peer->remote);
	unsigned int ifindex = 0;
	int r;

	rtm->rtm_family = v4 ? AF_INET : AF_INET6;
	rtm->rtm_dst_len = rtm->rtm_src_len = v4 ? 32 : 128;
	attr_put_addr(nlh, RTA_DST, &peer->remote);
	attr_put_addr(nlh, RTA_SRC, &peer->local);
	peer->interface[0] = '\0';
	r = nl_request(NETLINK_ROUTE, nlh, on_route, &ifindex);
	if (r < 0)
		return r;
	return if_indextoname(ifindex, peer->interface) ? 0 : -ENETUNREACH;
}
