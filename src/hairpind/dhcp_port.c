// SPDX-License-Identifier: GPL-2.0-or-later
#include "dhcp_port.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include <hairpin/limits.h>

#include "cleanup.h"
#include "listeners.h"

#define PORT4 67
#define PORT6 547
/* Between two tries. */
#define LOOK_MS 20

union address {
	struct sockaddr any;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
};

/*
 * As dnsmasq binds it: of one segment alone to its device, so that a server of another program on another device is in nobody's way; else to all. Without
 * SO_REUSEPORT, which dnsmasq sets: with it two servers would share the port, and each miss what the other gets.
 */
static int port_try(const char *device, int family)
{
	union address at = {.v4 = {.sin_family = AF_INET, .sin_port = htons(PORT4)}};
	_close_ int fd = socket(family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	socklen_t length = sizeof(at.v4);

	if (fd < 0)
		return -errno;
	if (family == AF_INET6) {
		at.v6 = (struct sockaddr_in6){.sin6_family = AF_INET6, .sin6_port = htons(PORT6)};
		length = sizeof(at.v6);
		if (setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &(int){1}, sizeof(int)))
			return -errno;
	}
	if (device &&
	    setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, device, (socklen_t)strlen(device)))
		return -errno;
	return bind(fd, &at.any, length) ? -errno : 0;
}

/* After a daemon that was killed, its dnsmasq may still be ending. */
static int port_try_long(const char *device, int family)
{
	const struct timespec look = {.tv_nsec = LOOK_MS * 1000000L};
	int ret = port_try(device, family);

	for (unsigned int ms = 0; ret == -EADDRINUSE && ms < DHCP_END_MS; ms += LOOK_MS) {
		nanosleep(&look, NULL);
		ret = port_try(device, family);
	}
	return ret;
}

static bool is_on_port(const void *data, const struct listener *row)
{
	const int *port = data;

	return row->proto == IPPROTO_UDP && row->port == *port;
}

static void say_who(int port, struct strbuf *why)
{
	_listeners_ struct listeners found = {0};

	if (listeners_read(is_on_port, &port, &found) || !found.n)
		return;
	listeners_find_programs(&found);
	if (found.rows[0].pid)
		strbuf_add(why, "; %s (process %d) holds it: stop it, or take `dhcp` out",
			   found.rows[0].program, found.rows[0].pid);
	else
		strbuf_add(why, "; `ss -lnpu sport = :%d` names the program that holds it", port);
}

static void say_why(int family, int error, struct strbuf *why)
{
	int port = family == AF_INET ? PORT4 : PORT6;

	strbuf_add(why, "dhcp: port %d/udp: %s", port, strerror(-error));
	if (error == -EADDRINUSE)
		say_who(port, why);
	strbuf_add(why, "\n");
}

int dhcp_port_check(const struct plan_dhcp *dhcp, struct strbuf *why)
{
	const char *device = dhcp->n_segments == 1 ? dhcp->segments[0].interface : NULL;
	bool has_ra = false;
	int family = AF_INET, ret;

	for (size_t i = 0; i < dhcp->n_segments; i++)
		has_ra = has_ra || dhcp->segments[i].ra;
	ret = port_try_long(device, family);
	if (!ret && has_ra) {
		family = AF_INET6;
		ret = port_try_long(device, family);
	}
	if (ret)
		say_why(family, ret, why);
	return ret;
}
