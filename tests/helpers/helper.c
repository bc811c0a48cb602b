// SPDX-License-Identifier: GPL-2.0-or-later
#include "helper.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#define SOCKET_BUFFER_BYTES (16 << 20)

_Noreturn void die(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	fprintf(stderr, "%s: ", program_invocation_short_name);
	vfprintf(stderr, format, args);
	fputc('\n', stderr);
	va_end(args);
	exit(2);
}

long number_parse(const char *text, long min, long max, const char *what)
{
	char *end;
	long value = strtol(text, &end, 10);

	if (end == text || *end != '\0' || value < min || value > max)
		die("%s '%s' is not a number from %ld to %ld", what, text, min, max);
	return value;
}

static bool parse_v4(const char *text, uint16_t port, union endpoint *ret)
{
	char addr[INET_ADDRSTRLEN];
	const char *colon = strchr(text, ':');
	size_t length = colon ? (size_t)(colon - text) : strlen(text);

	if (length >= sizeof(addr))
		return false;
	memcpy(addr, text, length);
	addr[length] = '\0';
	ret->v4 = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons(port)};
	if (inet_pton(AF_INET, addr, &ret->v4.sin_addr) != 1)
		return false;
	if (colon)
		ret->v4.sin_port = htons((uint16_t)number_parse(colon + 1, 0, 65535, "port"));
	return true;
}

static bool parse_v6(const char *text, uint16_t port, union endpoint *ret)
{
	char addr[INET6_ADDRSTRLEN];
	const char *close = strchr(text, ']');
	size_t length = close ? (size_t)(close - text - 1) : 0;

	if (text[0] != '[' || !close || length >= sizeof(addr))
		return false;
	memcpy(addr, text + 1, length);
	addr[length] = '\0';
	ret->v6 = (struct sockaddr_in6){.sin6_family = AF_INET6, .sin6_port = htons(port)};
	if (inet_pton(AF_INET6, addr, &ret->v6.sin6_addr) != 1)
		return false;
	if (close[1] == ':')
		ret->v6.sin6_port = htons((uint16_t)number_parse(close + 2, 0, 65535, "port"));
	return true;
}

union endpoint endpoint_parse(const char *text, uint16_t port)
{
	union endpoint endpoint;

	memset(&endpoint, 0, sizeof(endpoint));
	if (!parse_v6(text, port, &endpoint) && !parse_v4(text, port, &endpoint))
		die("'%s' is neither ADDRESS:PORT nor [ADDRESS6]:PORT", text);
	return endpoint;
}

socklen_t endpoint_size(const union endpoint *endpoint)
{
	return endpoint->any.sa_family == AF_INET ? sizeof(endpoint->v4) : sizeof(endpoint->v6);
}

const char *endpoint_format(const union endpoint *endpoint, char *text)
{
	char addr[INET6_ADDRSTRLEN];
	const struct in6_addr *v6 = &endpoint->v6.sin6_addr;
	uint16_t port = ntohs(endpoint->v4.sin_port);

	if (endpoint->any.sa_family == AF_INET) {
		inet_ntop(AF_INET, &endpoint->v4.sin_addr, addr, sizeof(addr));
		snprintf(text, ENDPOINT_TEXT, "%s:%u", addr, port);
	} else if (IN6_IS_ADDR_V4MAPPED(v6)) {
		inet_ntop(AF_INET, &v6->s6_addr[12], addr, sizeof(addr));
		snprintf(text, ENDPOINT_TEXT, "%s:%u", addr, port);
	} else {
		inet_ntop(AF_INET6, v6, addr, sizeof(addr));
		snprintf(text, ENDPOINT_TEXT, "[%s]:%u", addr, port);
	}
	return text;
}

int socket_new(int family, int type)
{
	int one = 1, bytes = SOCKET_BUFFER_BYTES;
	int fd = socket(family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd < 0)
		die("socket: %s", strerror(errno));
	/*
	 * Over UDP a reusable address would let the kernel choose one port for two flows to one place; TCP tunes its
	 * buffers itself, and better.
	 */
	if (type == SOCK_STREAM)
		setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (type == SOCK_DGRAM) {
		setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof(bytes));
		setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &bytes, sizeof(bytes));
	}
	return fd;
}

int socket_bound(const union endpoint *local, int type)
{
	char text[ENDPOINT_TEXT];
	int zero = 0;
	int fd = socket_new(local->any.sa_family, type);

	if (local->any.sa_family == AF_INET6)
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &zero, sizeof(zero));
	if (bind(fd, &local->any, endpoint_size(local)) < 0)
		die("bind to %s: %s", endpoint_format(local, text), strerror(errno));
	return fd;
}

void descriptors_want(unsigned int count)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
		die("limit of descriptors: %s", strerror(errno));
	if (limit.rlim_cur >= count + 64)
		return;
	limit.rlim_cur = count + 64;
	if (limit.rlim_max < limit.rlim_cur)
		limit.rlim_max = limit.rlim_cur;
	if (setrlimit(RLIMIT_NOFILE, &limit) < 0)
		die("no room for %u descriptors: %s", count, strerror(errno));
}

uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}
