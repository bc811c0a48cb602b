// SPDX-License-Identifier: GPL-2.0-or-later
#include "nft.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <string.h>

#include "netlink.h"

static void nft_freep(struct nft_ctx **nft)
{
	if (*nft)
		nft_ctx_free(*nft);
}

static void add_complaint(const char *complaint, struct strbuf *why)
{
	if (why)
		strbuf_add(why, "nftables: %.*s", (int)strcspn(complaint, "\n"), complaint);
}

static int error_of(const char *complaint)
{
	if (strstr(complaint, strerror(ENOENT)))
		return -ENOENT;
	return strstr(complaint, strerror(EPERM)) ? -EPERM : -EIO;
}

static int run_with(struct nft_ctx *nft, const char *commands, struct strbuf *ret_output,
		    struct strbuf *why)
{
	const char *complaint;

	if (nft_ctx_buffer_output(nft) || nft_ctx_buffer_error(nft))
		return -ENOMEM;
	if (!nft_run_cmd_from_buffer(nft, commands)) {
		if (ret_output)
			strbuf_add(ret_output, "%s", nft_ctx_get_output_buffer(nft));
		return 0;
	}
	complaint = nft_ctx_get_error_buffer(nft);
	add_complaint(complaint, why);
	return error_of(complaint);
}

int nft_run(const char *commands, unsigned int output_flags, struct strbuf *ret_output,
	    struct strbuf *why)
{
	_cleanup_(nft_freep) struct nft_ctx *nft = nft_ctx_new(NFT_CTX_DEFAULT);

	if (!nft)
		return -ENOMEM;
	nft_ctx_output_set_flags(nft, output_flags);
	return run_with(nft, commands, ret_output, why);
}

int nft_try(const char *commands, struct strbuf *why)
{
	_cleanup_(nft_freep) struct nft_ctx *nft = nft_ctx_new(NFT_CTX_DEFAULT);

	if (!nft)
		return -ENOMEM;
	nft_ctx_set_dry_run(nft, true);
	return run_with(nft, commands, NULL, why);
}

static int generation_cb(const struct nlmsghdr *header, void *data)
{
	struct nlattr *attr;

	mnl_attr_for_each(attr, header, sizeof(struct nfgenmsg))
	{
		if (mnl_attr_get_type(attr) == NFTA_GEN_ID)
			*(__u32 *)data = ntohl(mnl_attr_get_u32(attr));
	}
	return MNL_CB_OK;
}

int nft_generation(__u32 *ret_generation)
{
	struct netlink_buffer buffer;
	struct nlmsghdr *header = mnl_nlmsg_put_header(buffer.bytes);
	struct nfgenmsg *message = mnl_nlmsg_put_extra_header(header, sizeof(*message));
	__u32 generation = 0;
	int ret;

	header->nlmsg_type = NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_GETGEN;
	header->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK;
	*message = (struct nfgenmsg){.nfgen_family = AF_UNSPEC, .version = NFNETLINK_V0};
	ret = netlink_talk(NETLINK_NETFILTER, &buffer, generation_cb, &generation);
	if (!ret)
		*ret_generation = generation;
	return ret;
}

int nft_watch_open(void)
{
	struct sockaddr_nl any = {.nl_family = AF_NETLINK};
	int group = NFNLGRP_NFTABLES;
	_close_ int fd =
		socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_NETFILTER);

	if (fd < 0 || bind(fd, (struct sockaddr *)&any, sizeof(any)) < 0 ||
	    setsockopt(fd, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, &group, sizeof(group)) < 0)
		return -errno;
	return TAKE_FD(fd);
}

/* What did not fit (ENOBUFS) was a change as well. */
void nft_watch_drain(int fd)
{
	char bytes[NETLINK_BUFFER_BYTES];
	ssize_t n;

	do
		n = recv(fd, bytes, sizeof(bytes), 0);
	while (n > 0 || (n < 0 && (errno == ENOBUFS || errno == EINTR)));
}
