/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the traffic helpers of the lab share: endpoints written as text, sockets that say why they fail.
 *
 * A helper is a short-lived test program: every function here ends the process with a message on failure.
 */
#pragma once

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

union endpoint {
	struct sockaddr any;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
};

#define ENDPOINT_TEXT 64

/* "198.51.100.1:80", "[2001:db8::1]:80"; the port may be absent and is then @port. */
union endpoint endpoint_parse(const char *text, uint16_t port);
socklen_t endpoint_size(const union endpoint *endpoint);
/* As endpoint_parse() takes it; a v4-mapped address as IPv4. @text holds ENDPOINT_TEXT. Returns @text. */
const char *endpoint_format(const union endpoint *endpoint, char *text);

_Noreturn void die(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Non-blocking; TCP with a reusable address, UDP with buffers large enough that no test loses a packet inside the host. */
int socket_new(int family, int type);
/* socket_new() bound to @local; for IPv6 it takes IPv4 as well. */
int socket_bound(const union endpoint *local, int type);

/* Room for @count descriptors beside those that every process has. */
void descriptors_want(unsigned int count);

/* A decimal number from @min to @max; @what names it in the message. */
long number_parse(const char *text, long min, long max, const char *what);

uint64_t now_ns(void);
