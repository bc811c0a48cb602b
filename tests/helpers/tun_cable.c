// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * tun_cable [-g|-p] NAMESPACE DEVICE NAMESPACE DEVICE: a point-to-point link without Ethernet headers, like PPPoE or a tunnel, between two network
 * namespaces (/run/netns/NAMESPACE): two TUN devices, and what one sends the other gets, until this process ends.
 *   -g  segments stay large and checksums partial on the way, as a driver with these offloads would have them
 *   -p  of what does not fit a page only the first 14 octets are in the linear part, the rest is in pages
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <linux/virtio_net.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "helper.h"

#define PACKET_MAX (65536 + sizeof(struct virtio_net_hdr))
#define OFFLOADS (TUN_F_CSUM | TUN_F_TSO4 | TUN_F_TSO6)

/* The least that the kernel takes. */
#define LINEAR_OCTETS 14

static int end_open(const char *namespace, const char *device, char option)
{
	unsigned int offloads = option == 'g' ? OFFLOADS : 0;
	struct ifreq request = {.ifr_flags = IFF_TUN | IFF_NO_PI};
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "/run/netns/%s", namespace);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || setns(fd, CLONE_NEWNET))
		die("%s: %s", path, strerror(errno));
	close(fd);
	fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0)
		die("/dev/net/tun: %s", strerror(errno));
	snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", device);
	if (option)
		request.ifr_flags |= IFF_VNET_HDR;
	if (ioctl(fd, TUNSETIFF, &request) || (option && ioctl(fd, TUNSETOFFLOAD, offloads)))
		die("%s: %s", device, strerror(errno));
	return fd;
}

/* All that waits at @from. What the other end does not take (it is down, or full) is lost, as on any cable. */
static void carry(int from, int to, char option)
{
	static union {
		struct virtio_net_hdr header;
		char octets[PACKET_MAX];
	} packet;
	ssize_t size;

	while ((size = read(from, &packet, sizeof(packet))) > 0) {
		if (option == 'p')
			packet.header.hdr_len = LINEAR_OCTETS;
		if (write(to, &packet, (size_t)size) < 0 && errno != EIO && errno != EAGAIN)
			fprintf(stderr, "tun_cable: %zd octets lost: %s\n", size, strerror(errno));
	}
}

int main(int argc, char **argv)
{
	bool given = argc > 1 && (!strcmp(argv[1], "-g") || !strcmp(argv[1], "-p"));
	char option = 0;
	struct pollfd ends[2] = {{.events = POLLIN}, {.events = POLLIN}};

	if (given)
		option = argv[1][1];
	argv += given;
	if (argc - given != 5)
		die("usage: tun_cable [-g|-p] NAMESPACE DEVICE NAMESPACE DEVICE");
	ends[0].fd = end_open(argv[1], argv[2], option);
	ends[1].fd = end_open(argv[3], argv[4], option);
	while (poll(ends, 2, -1) > 0 || errno == EINTR) {
		carry(ends[0].fd, ends[1].fd, option);
		carry(ends[1].fd, ends[0].fd, option);
	}
	die("poll: %s", strerror(errno));
}
