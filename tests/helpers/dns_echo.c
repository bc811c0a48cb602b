// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * dns_echo ADDRESS:PORT: sends each question back with the header and one A record of an answer, and looks at nothing of it. What that costs, every server pays that reads
 * and writes datagrams through sockets: by many to a system call, as the kernel gives and takes them.
 */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>

#include "helper.h"

#define BATCH 32
#define QUERY_MAX 512

/* The name of the question, A, IN, 300 s, four octets of an address. */
static const uint8_t record[] = {0xc0, 12, 0, 1, 0, 1, 0, 0, 1, 44, 0, 4, 192, 168, 11, 20};

struct slot {
	uint8_t octets[QUERY_MAX + sizeof(record)];
	struct sockaddr_storage from;
	struct iovec at;
};

static struct slot slots[BATCH];
static struct mmsghdr messages[BATCH];

static void messages_clear(void)
{
	for (int i = 0; i < BATCH; i++) {
		slots[i].at = (struct iovec){slots[i].octets, QUERY_MAX};
		messages[i].msg_hdr = (struct msghdr){.msg_iov = &slots[i].at,
						      .msg_iovlen = 1,
						      .msg_name = &slots[i].from,
						      .msg_namelen = sizeof(slots[i].from)};
	}
}

static void answer(struct slot *slot, size_t n)
{
	slot->octets[2] |= 0x80;
	slot->octets[3] = 0x80;
	slot->octets[7] = 1;
	memcpy(slot->octets + n, record, sizeof(record));
	slot->at.iov_len = n + sizeof(record);
}

int main(int argc, char **argv)
{
	struct pollfd socket = {.events = POLLIN};
	union endpoint local;

	if (argc != 2)
		die("usage: dns_echo ADDRESS:PORT");
	local = endpoint_parse(argv[1], 53);
	socket.fd = socket_bound(&local, SOCK_DGRAM);
	while (poll(&socket, 1, -1) > 0) {
		int n;

		messages_clear();
		n = recvmmsg(socket.fd, messages, BATCH, 0, NULL);
		for (int i = 0; i < n; i++)
			answer(&slots[i], messages[i].msg_len);
		if (n > 0 && sendmmsg(socket.fd, messages, (unsigned int)n, 0) < 0 &&
		    errno != EAGAIN)
			die("sendmmsg: %s", strerror(errno));
	}
	return 0;
}
