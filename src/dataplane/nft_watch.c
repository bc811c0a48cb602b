// SPDX-License-Identifier: GPL-2.0-or-later
#include "nft.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <string.h>

#include <hairpin/limits.h>

#include "netlink.h"

/* What the kernel says of the generation of the rules: in an answer of the one who asks, in an event of the one who changed them. */
struct generation {
	__u32 number;
	struct nft_author author;
};

static struct generation generation_read(const struct nlmsghdr *header)
{
	struct generation generation = {0};
	struct nlattr *attr;

	mnl_attr_for_each(attr, header, sizeof(struct nfgenmsg))
	{
		const char *name = mnl_attr_get_payload(attr);

		switch (mnl_attr_get_type(attr)) {
		case NFTA_GEN_ID:
			generation.number = ntohl(mnl_attr_get_u32(attr));
			break;
		case NFTA_GEN_PROC_PID:
			generation.author.pid = ntohl(mnl_attr_get_u32(attr));
			break;
		case NFTA_GEN_PROC_NAME:
			snprintf(generation.author.program, sizeof(generation.author.program),
				 "%.*s", (int)mnl_attr_get_payload_len(attr), name);
			break;
		default:
			break;
		}
	}
	return generation;
}

static int generation_cb(const struct nlmsghdr *header, void *data)
{
	*(struct generation *)data = generation_read(header);
	return MNL_CB_OK;
}

static int generation_ask(struct generation *ret_generation)
{
	struct netlink_buffer buffer;
	struct nlmsghdr *header = mnl_nlmsg_put_header(buffer.bytes);
	struct nfgenmsg *message = mnl_nlmsg_put_extra_header(header, sizeof(*message));

	header->nlmsg_type = NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_GETGEN;
	header->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK;
	*message = (struct nfgenmsg){.nfgen_family = AF_UNSPEC, .version = NFNETLINK_V0};
	*ret_generation = (struct generation){0};
	return netlink_talk(NETLINK_NETFILTER, &buffer, generation_cb, ret_generation);
}

int nft_generation(__u32 *ret_generation)
{
	struct generation generation;
	int ret = generation_ask(&generation);

	if (!ret)
		*ret_generation = generation.number;
	return ret;
}

/* --- who changes rules ------------------------------------------------------------------------------ */

/* More than a flush of a ruleset with some thousand rules has to say; what does not fit costs the name of who did it. */
static void make_room(int fd)
{
	const int bytes = LIMIT_RULES_WATCH_BYTES;

	setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof(bytes));
}

int nft_watch_open(struct nft_watch *ret_watch)
{
	struct sockaddr_nl any = {.nl_family = AF_NETLINK};
	int group = NFNLGRP_NFTABLES;
	struct generation generation;
	_close_ int fd =
		socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_NETFILTER);

	*ret_watch = (struct nft_watch){.fd = -1};
	if (fd < 0 || bind(fd, (struct sockaddr *)&any, sizeof(any)) < 0 ||
	    setsockopt(fd, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, &group, sizeof(group)) < 0)
		return -errno;
	make_room(fd);
	/* getpid() is another number in a namespace of processes. */
	if (!generation_ask(&generation))
		ret_watch->self = generation.author.pid;
	ret_watch->fd = TAKE_FD(fd);
	return 0;
}

void nft_watch_close(struct nft_watch *watch)
{
	if (watch->fd >= 0)
		close(watch->fd);
	watch->fd = -1;
}

/* The table is the first attribute of whatever belongs to one. */
static bool is_of_our_table(const struct nlmsghdr *header)
{
	const struct nfgenmsg *message = mnl_nlmsg_get_payload(header);
	struct nlattr *attr;

	if (message->nfgen_family != NFPROTO_INET)
		return false;
	mnl_attr_for_each(attr, header, sizeof(*message))
	{
		if (mnl_attr_get_type(attr) == NFTA_TABLE_NAME)
			return !mnl_attr_validate(attr, MNL_TYPE_NUL_STRING) &&
			       !strcmp(mnl_attr_get_str(attr), NFT_TABLE_NAME);
	}
	return false;
}

/* A change is told object by object, and whose it was at its end. */
static int event_cb(const struct nlmsghdr *header, void *data)
{
	struct nft_watch *watch = data;
	struct generation generation;

	if (header->nlmsg_type >> 8 != NFNL_SUBSYS_NFTABLES ||
	    header->nlmsg_len < MNL_NLMSG_HDRLEN + sizeof(struct nfgenmsg))
		return MNL_CB_OK;
	if ((header->nlmsg_type & 0xff) != NFT_MSG_NEWGEN) {
		watch->touched |= is_of_our_table(header);
		return MNL_CB_OK;
	}
	generation = generation_read(header);
	if (watch->touched && generation.author.pid != watch->self)
		watch->author = generation.author;
	watch->touched = false;
	return MNL_CB_OK;
}

void nft_watch_drain(struct nft_watch *watch)
{
	struct netlink_buffer buffer;
	ssize_t n;

	if (watch->fd < 0)
		return;
	do {
		n = recv(watch->fd, buffer.bytes, sizeof(buffer.bytes), 0);
		if (n > 0)
			mnl_cb_run(buffer.bytes, (size_t)n, 0, 0, event_cb, watch);
		/* Something is lost: whose it was is not known any more. */
		if (n < 0 && errno == ENOBUFS)
			watch->touched = false;
	} while (n > 0 || (n < 0 && (errno == ENOBUFS || errno == EINTR)));
}

struct nft_author nft_watch_take(struct nft_watch *watch)
{
	struct nft_author author = watch->author;

	watch->author = (struct nft_author){0};
	return author;
}
