// SPDX-License-Identifier: GPL-2.0-or-later
#include "echo_tap.h"

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

/* Steps to the last instruction, "no", over those behind the @at-th. */
#define NO(at) (__u8)(12 - (at))

/* "An echo reply in one piece, of IPv4 without options and of no VLAN, with the magic of this tap", over Ethernet. */
static int filter_attach(const struct echo_tap *tap, int fd)
{
	__u32 magic = (__u32)tap->magic[0] << 24 | (__u32)tap->magic[1] << 16 |
		      (__u32)tap->magic[2] << 8 | tap->magic[3];
	/* clang-format off */
	struct sock_filter filter[] = {
		/* The tag of a VLAN is not in the frame any more, and what is in one is not of this segment. */
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (__u32)(SKF_AD_OFF + SKF_AD_VLAN_TAG_PRESENT)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 0, NO(2)),
		BPF_STMT(BPF_LD | BPF_H | BPF_ABS, 12),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ETH_P_IP, 0, NO(4)),
		BPF_STMT(BPF_LD | BPF_H | BPF_ABS, ETH_HLEN + 8), /* the protocol is its second octet */
		BPF_STMT(BPF_ALU | BPF_AND | BPF_K, 0xff),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, IPPROTO_ICMP, 0, NO(7)),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, ECHO_TOKEN_AT),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, magic, 0, NO(9)),
		BPF_STMT(BPF_LD | BPF_H | BPF_ABS, ETH_HLEN + 20), /* type and code 0: an echo reply */
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 0, NO(11)),
		BPF_STMT(BPF_RET | BPF_K, ECHO_FRAME_MAX),
		BPF_STMT(BPF_RET | BPF_K, 0),
	};
	/* clang-format on */
	const struct sock_fprog program = {.len = ARRAY_SIZE(filter), .filter = filter};

	return setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof(program)) ? -errno : 0;
}

/* What it leaves alone: its own questions, what leaves by the device (which would be copied for it), and rules for what is sent. */
static int ways_set(int fd)
{
	const int on = 1;

	if (setsockopt(fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, &on, sizeof(on)) ||
	    setsockopt(fd, SOL_PACKET, PACKET_QDISC_BYPASS, &on, sizeof(on)))
		return -errno;
	return 0;
}

int echo_tap_open(struct echo_tap *tap, unsigned int ifindex)
{
	const struct sockaddr_ll at = {.sll_family = AF_PACKET,
				       .sll_protocol = htons(ETH_P_ALL),
				       .sll_ifindex = (int)ifindex};
	/* Without a protocol nothing arrives, until the filter is there and it is bound. */
	_close_ int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	int ret;

	*tap = (struct echo_tap){.fd = -1};
	if (fd < 0)
		return -errno;
	if (getrandom(tap->magic, sizeof(tap->magic), GRND_NONBLOCK) != sizeof(tap->magic))
		return -EAGAIN;
	ret = filter_attach(tap, fd);
	if (!ret)
		ret = ways_set(fd);
	if (!ret && bind(fd, (const struct sockaddr *)&at, sizeof(at)))
		ret = -errno;
	if (ret)
		return ret;
	tap->ifindex = ifindex;
	tap->fd = TAKE_FD(fd);
	return 0;
}

void echo_tap_close(struct echo_tap *tap)
{
	if (tap->fd >= 0)
		close(tap->fd);
	tap->fd = -1;
}

int echo_tap_token(const struct echo_tap *tap, __u8 token[ECHO_TOKEN_BYTES])
{
	const size_t n = ECHO_TOKEN_BYTES - ECHO_MAGIC_BYTES;

	memcpy(token, tap->magic, ECHO_MAGIC_BYTES);
	return getrandom(token + ECHO_MAGIC_BYTES, n, GRND_NONBLOCK) == (ssize_t)n ? 0 : -EAGAIN;
}

int echo_tap_ask(const struct echo_tap *tap, const struct echo *ask)
{
	const struct sockaddr_ll to = {.sll_family = AF_PACKET,
				       .sll_protocol = htons(ETH_P_IP),
				       .sll_ifindex = (int)tap->ifindex,
				       .sll_halen = ETH_ALEN};
	__u8 frame[ECHO_FRAME_BYTES];

	echo_request_write(ask, frame);
	if (sendto(tap->fd, frame, sizeof(frame), MSG_NOSIGNAL, (const struct sockaddr *)&to,
		   sizeof(to)) < 0)
		return -errno;
	return 0;
}

ssize_t echo_tap_take(const struct echo_tap *tap, __u8 frame[ECHO_FRAME_MAX])
{
	ssize_t n;

	do
		n = recv(tap->fd, frame, ECHO_FRAME_MAX, 0);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return errno == EAGAIN ? 0 : -errno;
	return n;
}
