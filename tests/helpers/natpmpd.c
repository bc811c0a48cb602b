// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * natpmpd ADDRESS[:PORT] EXTERNAL    a router that speaks NAT-PMP (RFC 6886), says that EXTERNAL is its own address, and grants every mapping without doing anything
 *
 * As routers behind a provider's NAT that do not look what address they have.
 */
#include <arpa/inet.h>
#include <poll.h>
#include <string.h>

#include "helper.h"

#define NATPMP_PORT 5351
#define UNSUPPORTED_VERSION 1
#define EPOCH_S 1000

static void put32(uint8_t *at, uint32_t value)
{
	value = htonl(value);
	memcpy(at, &value, sizeof(value));
}

/* @message becomes the answer; its length, 0: none. */
static size_t answer_make(uint8_t *message, ssize_t length, struct in_addr external)
{
	if (length < 2 || message[1] & 0x80)
		return 0;
	message[1] |= 0x80;
	if (message[0]) { /* PCP */
		memset(message, 0, 8);
		message[3] = UNSUPPORTED_VERSION;
		put32(message + 4, EPOCH_S);
		return 8;
	}
	if (message[1] == 0x80) {
		message[2] = message[3] = 0;
		put32(message + 4, EPOCH_S);
		memcpy(message + 8, &external, sizeof(external));
		return 12;
	}
	if (length < 12)
		return 0;
	/* Opcode, 2 reserved, internal and external port, lifetime: the last three move up, behind result and time. */
	memmove(message + 8, message + 4, 8);
	message[2] = message[3] = 0;
	put32(message + 4, EPOCH_S);
	return 16;
}

int main(int argc, char **argv)
{
	struct pollfd polled = {.events = POLLIN};
	struct in_addr external;
	union endpoint local;

	if (argc != 3 || inet_pton(AF_INET, argv[2], &external) != 1)
		die("usage: natpmpd ADDRESS[:PORT] EXTERNAL");
	local = endpoint_parse(argv[1], NATPMP_PORT);
	polled.fd = socket_bound(&local, SOCK_DGRAM);
	while (poll(&polled, 1, -1) > 0) {
		uint8_t message[1100];
		union endpoint from = {0};
		socklen_t size = sizeof(from);
		ssize_t length = recvfrom(polled.fd, message, sizeof(message), 0, &from.any, &size);
		size_t answer = answer_make(message, length, external);

		if (answer)
			sendto(polled.fd, message, answer, 0, &from.any, size);
	}
	return 1;
}
