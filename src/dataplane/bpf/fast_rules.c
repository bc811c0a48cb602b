// SPDX-License-Identifier: GPL-2.0-or-later
/* What others do with frames before our tc filter, or in its place, and XDP would pass by. */
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <string.h>

#include "fast_path.h"
#include "netlink.h"
#include "nft.h"

static struct tcmsg *request(struct netlink_buffer *buffer, __u16 type, unsigned int ifindex)
{
	struct nlmsghdr *header = mnl_nlmsg_put_header(buffer->bytes);
	struct tcmsg *tcm = mnl_nlmsg_put_extra_header(header, sizeof(*tcm));

	header->nlmsg_type = type;
	header->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
	*tcm = (struct tcmsg){.tcm_family = AF_UNSPEC, .tcm_ifindex = (int)ifindex};
	return tcm;
}

/* A filter without a handle stands for all of its priority. */
static bool is_ours(const struct tcmsg *tcm)
{
	return tcm->tcm_info >> 16 == TC_PRIORITY &&
	       (!tcm->tcm_handle || tcm->tcm_handle == TC_HANDLE);
}

static int on_filter(const struct nlmsghdr *header, void *data)
{
	bool *is_filtered = data;

	if (header->nlmsg_type == RTM_NEWTFILTER && !is_ours(mnl_nlmsg_get_payload(header)))
		*is_filtered = true;
	return MNL_CB_OK;
}

/* Where there is nothing that filters could hang on, the kernel answers with an error. */
bool fast_filtered(unsigned int ifindex, enum bpf_tc_attach_point point)
{
	__u32 minor = point == BPF_TC_INGRESS ? TC_H_MIN_INGRESS : TC_H_MIN_EGRESS;
	struct netlink_buffer buffer;
	bool is_filtered = false;

	request(&buffer, RTM_GETTFILTER, ifindex)->tcm_parent = TC_H_MAKE(TC_H_CLSACT, minor);
	netlink_talk(NETLINK_ROUTE, &buffer, on_filter, &is_filtered);
	return is_filtered;
}

struct queues {
	int ifindex;
	bool shape;
};

static int on_queue(const struct nlmsghdr *header, void *data)
{
	const struct tcmsg *tcm = mnl_nlmsg_get_payload(header);
	struct queues *queues = data;
	struct nlattr *attr;

	/* What filters hang on queues nothing. */
	if (tcm->tcm_ifindex != queues->ifindex || tcm->tcm_parent == TC_H_CLSACT)
		return MNL_CB_OK;
	mnl_attr_for_each(attr, header, sizeof(*tcm))
	{
		if (mnl_attr_get_type(attr) == TCA_KIND &&
		    !fast_queue_is_plain(mnl_attr_get_str(attr)))
			queues->shape = true;
	}
	return MNL_CB_OK;
}

/* A device tells of the queue at its root alone, and of the plain ones mq alone has others below it. */
bool fast_shapes(const struct fast_fact *fact)
{
	struct queues queues = {.ifindex = (int)fact->ifindex};
	struct netlink_buffer buffer;

	if (strcmp(fact->qdisc, "mq"))
		return !fast_queue_is_plain(fact->qdisc);
	request(&buffer, RTM_GETQDISC, fact->ifindex);
	return netlink_talk(NETLINK_ROUTE, &buffer, on_queue, &queues) || queues.shape;
}

/* Chains at devices are of family netdev, and of inet too. */
void fast_rules_read(struct fast_rules *ret_rules)
{
	_strbuf_ struct strbuf chains = {0};
	bool is_unknown = nft_run("list chains", 0, &chains, NULL);
	const char *text = strbuf_text(&chains);

	*ret_rules = (struct fast_rules){
		.bridges = is_unknown || strstr(text, "table bridge "),
		.devices = is_unknown || strstr(text, "table netdev ") ||
			   strstr(text, " hook ingress "),
	};
}
