// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lists_process.h"

_Static_assert(LISTS_FDS_MAX <= 253, "as many as one message takes (SCM_MAX_FD)");

union control {
	struct cmsghdr header;
	char room[CMSG_SPACE(LISTS_FDS_MAX * sizeof(int))];
};

int lists_message_send(int fd, const struct lists_message *message, const int *fds, size_t n)
{
	struct lists_message copy = *message;
	union control control = {0};
	struct iovec at = {&copy, sizeof(copy)};
	struct msghdr header = {.msg_iov = &at,
				.msg_iovlen = 1,
				.msg_control = &control,
				.msg_controllen = CMSG_SPACE(n * sizeof(int))};
	struct cmsghdr *rights = CMSG_FIRSTHDR(&header);

	if (n > LISTS_FDS_MAX || !n)
		return -EINVAL;
	rights->cmsg_level = SOL_SOCKET;
	rights->cmsg_type = SCM_RIGHTS;
	rights->cmsg_len = CMSG_LEN(n * sizeof(int));
	memcpy(CMSG_DATA(rights), fds, n * sizeof(int));
	return sendmsg(fd, &header, MSG_NOSIGNAL) < 0 ? -errno : 0;
}

int lists_message_receive(int fd, struct lists_message *message, int *ret_fds, size_t *ret_n)
{
	union control control;
	struct iovec at = {message, sizeof(*message)};
	struct msghdr header = {.msg_iov = &at,
				.msg_iovlen = 1,
				.msg_control = &control,
				.msg_controllen = sizeof(control)};
	ssize_t n = recvmsg(fd, &header, MSG_CMSG_CLOEXEC);

	*ret_n = 0;
	if (n < 0)
		return errno == EAGAIN || errno == EINTR ? -EAGAIN : -EPIPE;
	for (struct cmsghdr *c = CMSG_FIRSTHDR(&header); c; c = CMSG_NXTHDR(&header, c)) {
		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
			continue;
		*ret_n = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
		memcpy(ret_fds, CMSG_DATA(c), *ret_n * sizeof(int));
	}
	if (n == (ssize_t)sizeof(*message) && !(header.msg_flags & (MSG_CTRUNC | MSG_TRUNC)))
		return 0;
	while (*ret_n)
		close(ret_fds[--*ret_n]);
	return -EPIPE;
}
