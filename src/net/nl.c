// SPDX-License-Identifier: GPL-2.0-or-later
#include "nl.h"

#include <errno.h>
#include <linux/netlink.h>
#include <string.h>
#include <sys/socket.h>

#include "cleanup.h"

/* The kernel fills the reader's buffer up to 32 KiB; a smaller one costs more rounds, and more dumps that are interrupted. */
#define BUFFER_BYTES 32768

static void socket_close(struct mnl_socket **socket)
{
	if (*socket)
		mnl_socket_close(*socket);
}

struct nlmsghdr *nl_request_init(char *buffer, __u16 type, __u16 flags, size_t header)
{
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buffer);

	nlh->nlmsg_type = type;
	nlh->nlmsg_flags = NLM_F_REQUEST | flags;
	nlh->nlmsg_seq = 1;
	mnl_nlmsg_put_extra_header(nlh, header);
	return nlh;
}

static int result(const struct nlmsghdr *nlh)
{
	int error = 0;

	if (mnl_nlmsg_get_payload_len(nlh) >= sizeof(error))
		memcpy(&error, mnl_nlmsg_get_payload(nlh), sizeof(error));
	if (error >= 0)
		return MNL_CB_STOP;
	errno = -error;
	return MNL_CB_ERROR;
}

/* libmnl's own handler does not look at the code in NLMSG_DONE: a dump that failed would be taken for an empty one. */
static int on_end(const struct nlmsghdr *nlh, void *data _unused_)
{
	return result(nlh);
}

static int answers_read(struct mnl_socket *socket, char *buffer, mnl_cb_t cb, void *data)
{
	mnl_cb_t control[] = {[NLMSG_ERROR] = on_end, [NLMSG_DONE] = on_end};
	unsigned int port = mnl_socket_get_portid(socket);
	ssize_t length;
	int r;

	do {
		do
			length = mnl_socket_recvfrom(socket, buffer, BUFFER_BYTES);
		while (length < 0 && errno == EINTR);
		if (length < 0)
			return -errno;
		r = mnl_cb_run2(buffer, (size_t)length, 1, port, cb, data, control,
				ARRAY_SIZE(control));
	} while (r > MNL_CB_STOP);
	return r < 0 ? -errno : 0;
}

int nl_request(int bus, struct nlmsghdr *request, mnl_cb_t cb, void *data)
{
	struct mnl_socket *socket _cleanup_(socket_close) = mnl_socket_open2(bus, SOCK_CLOEXEC);
	char *buffer _free_ = malloc(BUFFER_BYTES);
	int on = 1;

	if (!socket)
		return -errno;
	if (!buffer)
		return -ENOMEM;
	/* Without it the kernel ignores what a dump is limited to; the answers are filtered again
	 * here, so that a kernel that refuses costs time only. */
	mnl_socket_setsockopt(socket, NETLINK_GET_STRICT_CHK, &on, sizeof(on));
	if (mnl_socket_bind(socket, 0, MNL_SOCKET_AUTOPID) < 0 ||
	    mnl_socket_sendto(socket, request, request->nlmsg_len) < 0)
		return -errno;
	return answers_read(socket, buffer, cb, data);
}

void nl_attrs_in(void *payload, size_t length, struct nlattr **tb, unsigned int max)
{
	struct nlattr *attr;

	memset(tb, 0, (max + 1) * sizeof(*tb));
	mnl_attr_for_each_payload(payload, length)
	{
		if (mnl_attr_get_type(attr) <= max)
			tb[mnl_attr_get_type(attr)] = attr;
	}
}

void nl_attrs(const struct nlmsghdr *nlh, size_t header, struct nlattr **tb, unsigned int max)
{
	size_t skip = MNL_ALIGN(header), length = mnl_nlmsg_get_payload_len(nlh);

	nl_attrs_in(mnl_nlmsg_get_payload_offset(nlh, skip), length > skip ? length - skip : 0, tb,
		    max);
}

void nl_attrs_nested(const struct nlattr *nest, struct nlattr **tb, unsigned int max)
{
	nl_attrs_in(mnl_attr_get_payload(nest), mnl_attr_get_payload_len(nest), tb, max);
}

bool nl_attr_addr(const struct nlattr *attr, struct ip_addr *ret_addr)
{
	__be32 v4;

	if (!attr)
		return false;
	switch (mnl_attr_get_payload_len(attr)) {
	case 4:
		memcpy(&v4, mnl_attr_get_payload(attr), sizeof(v4));
		*ret_addr = ip_addr_from_v4(v4);
		return true;
	case 16:
		*ret_addr = ip_addr_from_v6(mnl_attr_get_payload(attr));
		return true;
	default:
		return false;
	}
}

void *array_grow(void **items, size_t *n, size_t size)
{
	char *grown = *items;

	if ((*n & (*n - 1)) == 0) {
		grown = reallocarray(*items, *n ? *n * 2 : 1, size);
		if (!grown)
			return NULL;
		*items = grown;
	}
	memset(grown + *n * size, 0, size);
	return grown + (*n)++ * size;
}
