// SPDX-License-Identifier: GPL-2.0-or-later
#include "probe.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/filter.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>

#include "cleanup.h"

/* The largest frame; an offer fits in less. */
#define FRAME_BYTES 2048

/* "udp src port 67 and dst port 68, not a later fragment", over Ethernet. */
static struct sock_filter filter[] = {
	BPF_STMT(BPF_LD | BPF_H | BPF_ABS, 12),
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ETH_P_IP, 0, 10),
	BPF_STMT(BPF_LD | BPF_B | BPF_ABS, ETH_HLEN + 9),
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, IPPROTO_UDP, 0, 8),
	BPF_STMT(BPF_LD | BPF_H | BPF_ABS, ETH_HLEN + 6),
	BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, 0x1fff, 6, 0),
	BPF_STMT(BPF_LDX | BPF_B | BPF_MSH, ETH_HLEN),
	BPF_STMT(BPF_LD | BPF_H | BPF_IND, ETH_HLEN),
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 67, 0, 3),
	BPF_STMT(BPF_LD | BPF_H | BPF_IND, ETH_HLEN + 2),
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 68, 0, 1),
	BPF_STMT(BPF_RET | BPF_K, FRAME_BYTES),
	BPF_STMT(BPF_RET | BPF_K, 0),
};

int dhcp_probe_open(struct dhcp_probe *probe, unsigned int ifindex, const __u8 mac[6])
{
	const struct sock_fprog program = {.len = ARRAY_SIZE(filter), .filter = filter};
	const struct sockaddr_ll at = {.sll_family = AF_PACKET,
				       .sll_protocol = htons(ETH_P_IP),
				       .sll_ifindex = (int)ifindex};
	/* Without a protocol nothing arrives, until the filter is there and it is bound. */
	_close_ int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	*probe = (struct dhcp_probe){.fd = -1};
	if (fd < 0)
		return -errno;
	if (setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof(program)) ||
	    bind(fd, (const struct sockaddr *)&at, sizeof(at)))
		return -errno;
	probe->ifindex = ifindex;
	memcpy(probe->ask.mac, mac, sizeof(probe->ask.mac));
	probe->fd = TAKE_FD(fd);
	return 0;
}

void dhcp_probe_close(struct dhcp_probe *probe)
{
	if (probe->fd >= 0)
		close(probe->fd);
	probe->fd = -1;
}

int dhcp_probe_ask(struct dhcp_probe *probe)
{
	const struct sockaddr_ll to = {.sll_family = AF_PACKET,
				       .sll_protocol = htons(ETH_P_IP),
				       .sll_ifindex = (int)probe->ifindex,
				       .sll_halen = ETH_ALEN,
				       .sll_addr = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff}};
	__u8 frame[DHCP_DISCOVER_BYTES];

	/* Guessed, it would let anybody who is not on the segment's wire appear as a server. */
	if (getrandom(&probe->ask.id, sizeof(probe->ask.id), GRND_NONBLOCK) !=
	    sizeof(probe->ask.id))
		return -EAGAIN;
	dhcp_discover_write(&probe->ask, frame);
	if (sendto(probe->fd, frame, sizeof(frame), MSG_NOSIGNAL, (const struct sockaddr *)&to,
		   sizeof(to)) < 0)
		return -errno;
	return 0;
}

int dhcp_probe_hear(struct dhcp_probe *probe, struct dhcp_offer *ret_offer)
{
	__u8 frame[FRAME_BYTES];

	for (;;) {
		ssize_t n = recv(probe->fd, frame, sizeof(frame), 0);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return errno == EAGAIN ? 0 : -errno;
		if (dhcp_offer_read(&probe->ask, frame, (size_t)n, ret_offer))
			return 1;
	}
}
