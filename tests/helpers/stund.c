// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * stund [-a ADDRESS] ADDRESS[:PORT]    a server of STUN (RFC 8489), as far as a binding request goes
 *
 * Answers with the address that the request came from, or with ADDRESS where the client is to be told something else.
 */
#include <arpa/inet.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "helper.h"

#define STUN_PORT 3478
#define HEADER 20
#define BINDING_REQUEST 0x0001
#define BINDING_SUCCESS 0x0101
#define XOR_MAPPED_ADDRESS 0x0020
#define MAGIC 0x2112a442u

static void put16(uint8_t *at, unsigned int value)
{
	at[0] = (uint8_t)(value >> 8);
	at[1] = (uint8_t)value;
}

static bool is_request(const uint8_t *message, ssize_t length)
{
	uint32_t magic = htonl(MAGIC);

	return length >= HEADER && message[0] == 0 && message[1] == BINDING_REQUEST &&
	       !memcmp(message + 4, &magic, sizeof(magic));
}

/* The request's header becomes the answer's: the transaction stays. */
static size_t answer_make(uint8_t *message, struct in_addr seen, in_port_t port)
{
	uint8_t *attribute = message + HEADER;
	uint32_t addr = seen.s_addr ^ htonl(MAGIC);

	put16(message, BINDING_SUCCESS);
	put16(message + 2, 12);
	put16(attribute, XOR_MAPPED_ADDRESS);
	put16(attribute + 2, 8);
	put16(attribute + 4, 1); /* IPv4 */
	put16(attribute + 6, ntohs(port) ^ (MAGIC >> 16));
	memcpy(attribute + 8, &addr, sizeof(addr));
	return HEADER + 12;
}

static void serve_one(int fd, const struct in_addr *say)
{
	uint8_t message[1500];
	union endpoint from = {0};
	socklen_t size = sizeof(from);
	ssize_t length = recvfrom(fd, message, sizeof(message), 0, &from.any, &size);
	size_t answer;

	if (length < 0 || from.any.sa_family != AF_INET || !is_request(message, length))
		return;
	answer = answer_make(message, say ? *say : from.v4.sin_addr, from.v4.sin_port);
	sendto(fd, message, answer, 0, &from.any, size);
}

int main(int argc, char **argv)
{
	struct in_addr say;
	bool has_say = false;
	union endpoint local;
	struct pollfd polled = {.events = POLLIN};
	int option;

	while ((option = getopt(argc, argv, "a:")) != -1) {
		if (option == 'a' && inet_pton(AF_INET, optarg, &say) == 1)
			has_say = true;
		else
			die("usage: stund [-a ADDRESS] ADDRESS[:PORT]");
	}
	if (optind != argc - 1)
		die("usage: stund [-a ADDRESS] ADDRESS[:PORT]");
	local = endpoint_parse(argv[optind], STUN_PORT);
	polled.fd = socket_bound(&local, SOCK_DGRAM);
	while (poll(&polled, 1, -1) > 0)
		serve_one(polled.fd, has_say ? &say : NULL);
	return 1;
}
