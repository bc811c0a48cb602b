/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Descriptors from one process to another (SCM_RIGHTS, unix(7)), in one place, since each way to get it wrong is a hole: room for one more than the array
 * has, descriptors that nobody closes, a message that is taken in part.
 *
 * Whether a call waits is the socket's business (O_NONBLOCK, which uv_poll_init() sets).
 */
#pragma once

#include <stddef.h>
#include <sys/types.h>

/* With one message; the kernel's SCM_MAX_FD. */
#define FD_MESSAGE_MAX 253

/*
 * Sends the @size octets at @data with the @n descriptors at @fds, which stay the caller's; none is fine. 0; -EIO: a stream took only a part; -errno, -EAGAIN among them.
 */
int fd_message_send(int fd, const void *data, size_t size, const int *fds, size_t n);

/*
 * Receives one message of a socket that keeps them apart (SOCK_SEQPACKET) into @data. *n is how many descriptors there is room for at @ret_fds, and how many came when this
 * returns: the caller's from then on, closed at exec.
 *
 * 0; -EAGAIN: there is none; -EPIPE: nothing more comes, or what came has another size or more descriptors, and then it is gone with all of them.
 */
int fd_message_receive(int fd, void *data, size_t size, int *ret_fds, size_t *n);

/*
 * Receives up to @size octets of a stream. The first descriptor that comes with them is *ret_fd, the caller's, if that is -1; any other is closed. How many octets, 0 at
 * the end, or -errno.
 */
ssize_t fd_stream_receive(int fd, void *data, size_t size, int *ret_fd);

/* Closes all of them; -1 is none. */
void fds_close(const int *fds, size_t n);
