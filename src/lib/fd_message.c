// SPDX-License-Identifier: GPL-2.0-or-later
#include "fd_message.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "unconst.h"

union control {
	struct cmsghdr header;
	char room[CMSG_SPACE(FD_MESSAGE_MAX * sizeof(int))];
};

void fds_close(const int *fds, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (fds[i] >= 0)
			close(fds[i]);
	}
}

int fd_message_send(int fd, const void *data, size_t size, const int *fds, size_t n)
{
	union control control = {0};
	struct iovec at = {unconst(data), size};
	struct msghdr message = {.msg_iov = &at, .msg_iovlen = 1};
	ssize_t sent;

	if (n > FD_MESSAGE_MAX)
		return -EINVAL;
	if (n) {
		message.msg_control = &control;
		message.msg_controllen = CMSG_SPACE(n * sizeof(int));
		control.header = (struct cmsghdr){.cmsg_len = CMSG_LEN(n * sizeof(int)),
						  .cmsg_level = SOL_SOCKET,
						  .cmsg_type = SCM_RIGHTS};
		memcpy(CMSG_DATA(&control.header), fds, n * sizeof(int));
	}
	sent = sendmsg(fd, &message, MSG_NOSIGNAL);
	if (sent < 0)
		return -errno;
	return sent == (ssize_t)size ? 0 : -EIO;
}

/* How many came with @message. The kernel puts all of them behind one header. */
static size_t descriptors_take(struct msghdr *message, int *ret_fds)
{
	size_t n = 0;

	for (struct cmsghdr *c = CMSG_FIRSTHDR(message); c; c = CMSG_NXTHDR(message, c)) {
		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
			continue;
		n = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
		memcpy(ret_fds, CMSG_DATA(c), n * sizeof(int));
	}
	return n;
}

/* As recvmsg(), with up to *n descriptors, which is how many came; *ret_flags are its too. */
static ssize_t receive(int fd, const struct iovec *at, int *ret_fds, size_t *n, int *ret_flags)
{
	union control control;
	/*
	 * CMSG_LEN(), and not CMSG_SPACE() as cmsg(3) has it: the kernel fills what there is, and with an odd number the padding has room for one more
	 * descriptor than there is at @ret_fds.
	 */
	struct msghdr message = {.msg_iov = unconst(at),
				 .msg_iovlen = 1,
				 .msg_control = *n ? &control : NULL,
				 .msg_controllen = *n ? CMSG_LEN(*n * sizeof(int)) : 0};
	ssize_t octets = recvmsg(fd, &message, MSG_CMSG_CLOEXEC);

	*n = octets < 0 ? 0 : descriptors_take(&message, ret_fds);
	*ret_flags = message.msg_flags;
	return octets;
}

int fd_message_receive(int fd, void *data, size_t size, int *ret_fds, size_t *n)
{
	const struct iovec at = {data, size};
	int flags;
	ssize_t octets;

	if (*n > FD_MESSAGE_MAX)
		return -EINVAL;
	octets = receive(fd, &at, ret_fds, n, &flags);
	if (octets < 0)
		return errno == EAGAIN || errno == EINTR ? -EAGAIN : -EPIPE;
	if (octets == (ssize_t)size && !(flags & (MSG_TRUNC | MSG_CTRUNC)))
		return 0;
	fds_close(ret_fds, *n);
	*n = 0;
	return -EPIPE;
}

ssize_t fd_stream_receive(int fd, void *data, size_t size, int *ret_fd)
{
	const struct iovec at = {data, size};
	int came, flags;
	size_t n = 1;
	ssize_t octets = receive(fd, &at, &came, &n, &flags);

	if (octets < 0)
		return -errno;
	if (n && *ret_fd < 0)
		*ret_fd = came;
	else
		fds_close(&came, n);
	return octets;
}
