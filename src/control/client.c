// SPDX-License-Identifier: GPL-2.0-or-later
#include "client.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>

#include "fd_message.h"
#include "protocol.h"

static int client_connect(const struct control_call *call)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	struct timeval limit = {
		.tv_sec = call->timeout_ms / 1000,
		.tv_usec = (suseconds_t)(call->timeout_ms % 1000) * 1000,
	};
	_close_ int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -errno;
	if (strlen(call->path) >= sizeof(address.sun_path))
		return -ENAMETOOLONG;
	strcpy(address.sun_path, call->path);
	if (setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit)) ||
	    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit)))
		return -errno;
	if (connect(fd, (const struct sockaddr *)&address, sizeof(address)))
		return -errno;
	return TAKE_FD(fd);
}

static int client_send(int fd, const struct control_call *call)
{
	return fd_message_send(fd, &call->request, sizeof(call->request), &call->attach,
			       call->attach >= 0);
}

static int client_receive(int fd, struct control_response *ret_header)
{
	struct control_response header;
	ssize_t n = recv(fd, &header, sizeof(header), MSG_WAITALL);

	if (n < 0)
		return -errno;
	if (n != sizeof(header))
		return -ECONNRESET;
	*ret_header = header;
	return 0;
}

int control_ask(const struct control_call *call, struct control_answer *ret_answer,
		struct strbuf *why)
{
	struct control_response header;
	_close_ int fd = client_connect(call);
	int ret = fd < 0 ? fd : client_send(fd, call);

	if (!ret)
		ret = client_receive(fd, &header);
	if (ret == -EAGAIN)
		ret = -ETIMEDOUT;
	if (ret) {
		strbuf_add(why, "%s: %s", call->path,
			   control_is_absent(ret) ? "hairpind is not running" : strerror(-ret));
		return ret;
	}
	ret = control_response_check(&header, why);
	if (ret)
		return ret;
	ret_answer->header = header;
	ret_answer->fd = TAKE_FD(fd);
	return 0;
}

bool control_is_absent(int error)
{
	return error == -ENOENT || error == -ECONNREFUSED;
}
