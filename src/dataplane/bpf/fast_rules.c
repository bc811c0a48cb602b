// SPDX-License-Identifier: GPL-2.0-or-later
/* What others do with frames before our tc filter, or in its place, and XDP would pass by. */
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <string.h>

#include "fast_path.h"
#include "netlink.h"
#include "nft.h"

static int on_filter(const struct nlmsghdr *header, void *data)
{
	const struct tcmsg *tcm = mnl_nlmsg_get_payload(header);
	bool *is_filtered = data;

	/* A filter without a handle stands for all of its priority. */
	if (header->nlmsg_type == RTM_NEWTFILTER && tcm->tcm_info >> 16 != TC_PRIORITY)
		*is_filtered = true;
	return MNL_CB_OK;
}

/* Where there is nothing that filters could hang on, the kernel answers with an error. */
bool fast_filtered(unsigned int ifindex)
{
	struct netlink_buffer buffer;
	struct nlmsghdr *header = mnl_nlmsg_put_header(buffer.bytes);
	bool is_filtered = false;
	struct tcmsg *tcm;

	header->nlmsg_type = RTM_GETTFILTER;
	header->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
	tcm = mnl_nlmsg_put_extra_header(header, sizeof(*tcm));
	*tcm = (struct tcmsg){
		.tcm_family = AF_UNSPEC,
		.tcm_ifindex = (int)ifindex,
		.tcm_parent = TC_H_MAKE(TC_H_CLSACT, TC_H_MIN_INGRESS),
	};
	netlink_talk(NETLINK_ROUTE, &buffer, on_filter, &is_filtered);
	return is_filtered;
}

bool fast_bridge_rules(void)
{
	_strbuf_ struct strbuf tables = {0};

	return nft_run("list tables bridge", 0, &tables, NULL) ||
	       strstr(strbuf_text(&tables), "table ");
}
