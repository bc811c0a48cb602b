// SPDX-License-Identifier: GPL-2.0-or-later
/* The clsact qdiscs that we made, so that a device is left as it was found. */
#include <errno.h>
#include <string.h>

#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>

#include "internal.h"
#include "netlink.h"
#include "record.h"

#define RECORD "qdiscs.json"

static size_t index_of(const json_t *record, unsigned int ifindex)
{
	size_t i;

	for (i = 0; i < json_array_size(record); i++) {
		if (json_integer_value(json_array_get(record, i)) == (json_int_t)ifindex)
			break;
	}
	return i;
}

static int remember(const char *state, unsigned int ifindex)
{
	_json_ json_t *record = NULL;
	int ret = record_load(state, RECORD, &record);

	if (ret || index_of(record, ifindex) < json_array_size(record))
		return ret;
	if (json_array_append_new(record, json_integer(ifindex)))
		return -ENOMEM;
	return record_save(state, RECORD, record);
}

struct kind {
	int ifindex;
	bool clsact;
};

static int kind_cb(const struct nlmsghdr *header, void *data)
{
	const struct tcmsg *message = mnl_nlmsg_get_payload(header);
	struct kind *kind = data;
	struct nlattr *attr;

	if (message->tcm_ifindex != kind->ifindex || message->tcm_parent != TC_H_CLSACT)
		return MNL_CB_OK;
	mnl_attr_for_each(attr, header, sizeof(*message))
	{
		if (mnl_attr_get_type(attr) == TCA_KIND)
			kind->clsact = !strcmp(mnl_attr_get_str(attr), "clsact");
	}
	return MNL_CB_OK;
}

static struct tcmsg *request(struct netlink_buffer *buffer, __u16 type, unsigned int ifindex)
{
	struct nlmsghdr *header = mnl_nlmsg_put_header(buffer->bytes);
	struct tcmsg *message = mnl_nlmsg_put_extra_header(header, sizeof(*message));

	header->nlmsg_type = type;
	header->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
	*message = (struct tcmsg){.tcm_family = AF_UNSPEC, .tcm_ifindex = (int)ifindex};
	return message;
}

/* The kernel hangs an egress filter on an ingress qdisc without a word, at ingress. */
static int require_clsact(unsigned int ifindex)
{
	struct kind kind = {.ifindex = (int)ifindex};
	struct netlink_buffer buffer;
	int ret;

	request(&buffer, RTM_GETQDISC, ifindex);
	ret = netlink_talk(NETLINK_ROUTE, &buffer, kind_cb, &kind);
	if (ret)
		return ret;
	return kind.clsact ? 0 : -EBUSY;
}

int qdisc_make(const char *state, unsigned int ifindex, bool egress)
{
	LIBBPF_OPTS(bpf_tc_hook, hook, .ifindex = (int)ifindex,
		    .attach_point = BPF_TC_INGRESS | BPF_TC_EGRESS);
	int ret = bpf_tc_hook_create(&hook);

	if (ret == -EEXIST)
		return egress ? require_clsact(ifindex) : 0;
	return ret ? ret : remember(state, ifindex);
}

static int filter_cb(const struct nlmsghdr *header, void *data)
{
	if (header->nlmsg_type == RTM_NEWTFILTER)
		*(bool *)data = true;
	return MNL_CB_OK;
}

static int has_filters(unsigned int ifindex, __u32 parent, bool *ret_has)
{
	struct netlink_buffer buffer;

	request(&buffer, RTM_GETTFILTER, ifindex)->tcm_parent = parent;
	return netlink_talk(NETLINK_ROUTE, &buffer, filter_cb, ret_has);
}

int qdisc_release(const char *state, unsigned int ifindex)
{
	LIBBPF_OPTS(bpf_tc_hook, hook, .ifindex = (int)ifindex,
		    .attach_point = BPF_TC_INGRESS | BPF_TC_EGRESS);
	_json_ json_t *record = NULL;
	bool used = false;
	int ret = record_load(state, RECORD, &record);

	if (ret || index_of(record, ifindex) == json_array_size(record))
		return ret;
	ret = has_filters(ifindex, TC_H_MAKE(TC_H_CLSACT, TC_H_MIN_INGRESS), &used);
	if (!ret)
		ret = has_filters(ifindex, TC_H_MAKE(TC_H_CLSACT, TC_H_MIN_EGRESS), &used);
	if (used)
		return 0;
	if (!ret)
		bpf_tc_hook_destroy(&hook);
	/* With the device its qdisc has gone too. */
	json_array_remove(record, index_of(record, ifindex));
	return record_save(state, RECORD, record);
}
