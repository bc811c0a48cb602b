// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Datagrams in fragments that are cut here and not by the kernel, so that a test says how.
 *
 *   pieces [-o ORDER] [-s OCTETS] [-c CUT] [-n COUNT] [-w MS] [-dk] udp|tcp|echo SOURCE DESTINATION
 *
 * Sends COUNT datagrams (1) with OCTETS of payload (3000), CUT octets of IP payload in each piece (1480, a multiple of 8), and waits for
 * their answers: by UDP the same octets, by TCP the SYN and ACK to a SYN that carries data, by echo the reply. Exit status 0: all came
 * within MS (3000), as they should be; 1: not. ORDER: forward (default), reverse, interleaved (all first pieces, then all second ones, ...), twice
 * (each piece), overlapping (a piece more that says something else than the one before it), holed (one in the middle is missing).
 * -d forbids fragments. -k: by UDP, and cut by the kernel after all, which then allows them.
 *
 *   pieces [-s OCTETS] [-r RATE] flood SOURCE|- DESTINATION       lone later fragments, RATE (20000) a second, until it is killed; -: from
 *                                                              sources of 10.0.0.0/8 that differ
 *   pieces serve PORT                       by UDP each datagram goes back as it came; prints "from ADDRESS:PORT OCTETS"
 *
 * SOURCE is ADDRESS:PORT of this machine; for echo the port is the id.
 */
#include <errno.h>
#include <netinet/ip.h>
#include <netinet/ip_icmp.h>
#include <netinet/tcp.h>
#include <netinet/udp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "helper.h"

#define PAYLOAD_MAX 65507
#define COUNT_MAX 64
#define PIECES_MAX 8192
#define FLAG_MF 0x2000
#define FLAG_DF 0x4000

enum order { FORWARD, REVERSE, INTERLEAVED, TWICE, OVERLAPPING, HOLED, ORDER_MAX };
static const char *const orders[ORDER_MAX] = {"forward", "reverse",	"interleaved",
					      "twice",	 "overlapping", "holed"};

struct work {
	enum order order;
	size_t octets, cut;
	unsigned int count, wait_ms, rate;
	bool dont_fragment, by_kernel;
	uint8_t proto;
	union endpoint from, to;
	int raw; /* sends */
	int answers; /* where they come */
	uint8_t message[PAYLOAD_MAX + 64]; /* of the transport */
	size_t length;
	bool answered[COUNT_MAX];
};

struct piece {
	unsigned int datagram;
	size_t offset, length;
	bool last, other; /* other: with other octets than the datagram has there */
};

static uint32_t sum_add(uint32_t sum, const void *data, size_t size)
{
	const uint8_t *bytes = data;

	for (size_t i = 0; i < size; i++)
		sum += i % 2 ? bytes[i] : (uint32_t)bytes[i] << 8;
	return sum;
}

static uint16_t sum_finish(uint32_t sum)
{
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return htons((uint16_t)~sum);
}

/* --- the datagram --------------------------------------------------------------------------------------------- */

/* Octets that repeat late and differ from datagram to datagram, so that pieces of two in one are seen. */
static void payload_fill(uint8_t *at, size_t octets, unsigned int datagram)
{
	for (size_t i = 0; i < octets; i++)
		at[i] = (uint8_t)(i * 7 + i / 256 + 3 + datagram * 13);
}

static uint16_t transport_sum(const struct work *work)
{
	const uint8_t pseudo[4] = {0, work->proto, (uint8_t)(work->length >> 8),
				   (uint8_t)work->length};
	uint32_t sum = sum_add(0, work->message, work->length);

	if (work->proto != IPPROTO_ICMP) {
		sum = sum_add(sum, &work->from.v4.sin_addr, 4);
		sum = sum_add(sum, &work->to.v4.sin_addr, 4);
		sum = sum_add(sum, pseudo, sizeof(pseudo));
	}
	return sum_finish(sum);
}

static void message_fill(struct work *work, unsigned int datagram)
{
	uint16_t sport = work->from.v4.sin_port, dport = work->to.v4.sin_port, check;
	struct udphdr udp = {.source = sport, .dest = dport};
	struct tcphdr tcp = {.source = sport, .dest = dport, .doff = 5, .syn = 1};
	struct icmphdr icmp = {.type = ICMP_ECHO,
			       .un.echo = {.id = sport, .sequence = htons((uint16_t)datagram)}};
	const void *header = &udp;
	size_t size = sizeof(udp), check_at = offsetof(struct udphdr, check);

	tcp.window = htons(1024);
	if (work->proto == IPPROTO_TCP) {
		header = &tcp;
		size = sizeof(tcp);
		check_at = offsetof(struct tcphdr, check);
	} else if (work->proto == IPPROTO_ICMP) {
		header = &icmp;
		size = sizeof(icmp);
		check_at = offsetof(struct icmphdr, checksum);
	}
	work->length = size + work->octets;
	udp.len = htons((uint16_t)work->length);
	memcpy(work->message, header, size);
	payload_fill(work->message + size, work->octets, datagram);
	check = transport_sum(work);
	memcpy(work->message + check_at, &check, sizeof(check));
}

static void piece_send(const struct work *work, const struct piece *piece)
{
	static uint8_t packet[sizeof(struct iphdr) + PAYLOAD_MAX];
	struct iphdr ip = {
		.version = 4,
		.ihl = 5,
		.id = htons((uint16_t)(getpid() + 7 * piece->datagram)),
		.frag_off = htons((uint16_t)(piece->offset / 8 | (piece->last ? 0 : FLAG_MF) |
					     (work->dont_fragment ? FLAG_DF : 0))),
		.ttl = 64,
		.protocol = work->proto,
		.saddr = work->from.v4.sin_addr.s_addr,
		.daddr = work->to.v4.sin_addr.s_addr,
	};

	memcpy(packet, &ip, sizeof(ip));
	memcpy(packet + sizeof(ip), work->message + piece->offset, piece->length);
	for (size_t i = 0; piece->other && i < piece->length; i++)
		packet[sizeof(ip) + i] ^= 0xff;
	if (sendto(work->raw, packet, sizeof(ip) + piece->length, 0, &work->to.any,
		   endpoint_size(&work->to)) < 0)
		die("send: %s", strerror(errno));
}

/* --- the order ------------------------------------------------------------------------------------------------- */

static size_t pieces_of(const struct work *work)
{
	return (work->length + work->cut - 1) / work->cut;
}

static struct piece piece_of(const struct work *work, unsigned int datagram, size_t i)
{
	size_t offset = i * work->cut, left = work->length - offset;

	return (struct piece){.datagram = datagram,
			      .offset = offset,
			      .length = left < work->cut ? left : work->cut,
			      .last = left <= work->cut};
}

/* Piece @i of one datagram, as the order has it. */
static void piece_send_ordered(const struct work *work, unsigned int datagram, size_t i)
{
	size_t n = pieces_of(work);
	struct piece piece = piece_of(work, datagram, work->order == REVERSE ? n - 1 - i : i);

	if (work->order == HOLED && i == n / 2)
		return;
	piece_send(work, &piece);
	if (work->order == TWICE)
		piece_send(work, &piece);
	if (work->order == OVERLAPPING && i == 0) {
		piece.offset += 8;
		piece.other = true;
		piece_send(work, &piece);
	}
}

static void send_by_kernel(struct work *work)
{
	int allow = IP_PMTUDISC_DONT;

	setsockopt(work->answers, IPPROTO_IP, IP_MTU_DISCOVER, &allow, sizeof(allow));
	for (unsigned int datagram = 0; datagram < work->count; datagram++) {
		payload_fill(work->message, work->octets, datagram);
		if (sendto(work->answers, work->message, work->octets, 0, &work->to.any,
			   endpoint_size(&work->to)) < 0)
			die("send: %s", strerror(errno));
	}
}

static void send_all(struct work *work)
{
	if (work->order == INTERLEAVED) {
		message_fill(work, 0);
		for (size_t i = 0; i < pieces_of(work); i++) {
			for (unsigned int datagram = 0; datagram < work->count; datagram++) {
				message_fill(work, datagram);
				piece_send_ordered(work, datagram, i);
			}
		}
		return;
	}
	for (unsigned int datagram = 0; datagram < work->count; datagram++) {
		message_fill(work, datagram);
		for (size_t i = 0; i < pieces_of(work); i++)
			piece_send_ordered(work, datagram, i);
	}
}

/* --- the answers ------------------------------------------------------------------------------------------------ */

static bool is_payload(const struct work *work, const uint8_t *at, size_t octets, unsigned int of)
{
	static uint8_t expected[PAYLOAD_MAX];

	if (octets != work->octets)
		return false;
	payload_fill(expected, octets, of);
	return memcmp(at, expected, octets) == 0;
}

static bool take_payload(struct work *work, const uint8_t *at, size_t octets)
{
	for (unsigned int i = 0; i < work->count; i++) {
		if (work->answered[i] || !is_payload(work, at, octets, i))
			continue;
		work->answered[i] = true;
		return true;
	}
	return false;
}

/* A packet of a raw socket, IP header first. */
static bool take_raw(struct work *work, const uint8_t *data, size_t length)
{
	size_t header = (data[0] & 15u) * 4u;
	struct tcphdr tcp;
	struct icmphdr icmp;
	struct iphdr ip;

	memcpy(&ip, data, sizeof(ip));
	if (ip.saddr != work->to.v4.sin_addr.s_addr || length < header + sizeof(icmp))
		return false;
	if (work->proto == IPPROTO_ICMP) {
		memcpy(&icmp, data + header, sizeof(icmp));
		return icmp.type == ICMP_ECHOREPLY && icmp.un.echo.id == work->from.v4.sin_port &&
		       take_payload(work, data + header + sizeof(icmp),
				    length - header - sizeof(icmp));
	}
	if (length < header + sizeof(tcp))
		return false;
	memcpy(&tcp, data + header, sizeof(tcp));
	if (tcp.source != work->to.v4.sin_port || tcp.dest != work->from.v4.sin_port || !tcp.syn ||
	    !tcp.ack || work->answered[0])
		return false;
	work->answered[0] = true;
	return true;
}

static bool take(struct work *work)
{
	static uint8_t data[PAYLOAD_MAX + 64];
	ssize_t got = recv(work->answers, data, sizeof(data), MSG_DONTWAIT);

	if (got <= 0)
		return false;
	return work->proto == IPPROTO_UDP ? take_payload(work, data, (size_t)got)
					  : take_raw(work, data, (size_t)got);
}

static int wait_all(struct work *work)
{
	uint64_t deadline = now_ns() + (uint64_t)work->wait_ms * 1000000;
	struct pollfd poll_fd = {.fd = work->answers, .events = POLLIN};
	unsigned int left = work->count;

	while (left > 0 && now_ns() < deadline) {
		poll(&poll_fd, 1, 10);
		left -= take(work);
	}
	printf("%u of %u\n", work->count - left, work->count);
	return left > 0;
}

/* --- the rest ---------------------------------------------------------------------------------------------------- */

static int raw_open(int protocol)
{
	int fd = socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, protocol);

	if (fd < 0)
		die("raw socket: %s", strerror(errno));
	return fd;
}

static int exchange(struct work *work, const char *kind)
{
	if (strcmp(kind, "udp") == 0)
		work->proto = IPPROTO_UDP;
	else if (strcmp(kind, "tcp") == 0)
		work->proto = IPPROTO_TCP;
	else if (strcmp(kind, "echo") == 0)
		work->proto = IPPROTO_ICMP;
	else
		die("'%s' is none of udp, tcp, echo, flood, serve", kind);
	work->answers = work->proto == IPPROTO_UDP ? socket_bound(&work->from, SOCK_DGRAM)
						   : raw_open(work->proto);
	if (work->by_kernel)
		send_by_kernel(work);
	else
		send_all(work);
	return wait_all(work);
}

static _Noreturn void flood(struct work *work)
{
	const struct timespec pause = {.tv_nsec = 10000000};
	bool invent = !work->from.v4.sin_addr.s_addr;
	uint32_t n = 0;

	work->proto = IPPROTO_UDP;
	message_fill(work, 0);
	for (;;) {
		for (unsigned int i = 0; i < work->rate / 100; i++) {
			const struct piece piece = {.datagram = n, .offset = 1480, .length = 1480};

			n++;
			if (invent)
				work->from.v4.sin_addr.s_addr =
					htonl(0x0a000000 | (n * 2654435761u) >> 8);
			piece_send(work, &piece);
		}
		nanosleep(&pause, NULL);
	}
}

static _Noreturn void serve(uint16_t port)
{
	union endpoint local = endpoint_parse("0.0.0.0", port), peer;
	int fd = socket_bound(&local, SOCK_DGRAM);
	struct pollfd poll_fd = {.fd = fd, .events = POLLIN};
	static char data[PAYLOAD_MAX];
	char text[ENDPOINT_TEXT];

	for (;;) {
		socklen_t size = sizeof(peer);
		ssize_t got;

		poll(&poll_fd, 1, -1);
		got = recvfrom(fd, data, sizeof(data), 0, &peer.any, &size);
		if (got < 0)
			continue;
		printf("from %s %zd\n", endpoint_format(&peer, text), got);
		fflush(stdout);
		sendto(fd, data, (size_t)got, 0, &peer.any, size);
	}
}

static enum order order_parse(const char *text)
{
	for (size_t i = 0; i < ORDER_MAX; i++) {
		if (strcmp(text, orders[i]) == 0)
			return (enum order)i;
	}
	die("'%s' is no order", text);
}

static void options_parse(struct work *work, int argc, char **argv)
{
	int option;

	while ((option = getopt(argc, argv, "o:s:c:n:w:r:dk")) != -1) {
		if (option == 'o')
			work->order = order_parse(optarg);
		else if (option == 's')
			work->octets = (size_t)number_parse(optarg, 0, PAYLOAD_MAX - 28, "octets");
		else if (option == 'c')
			work->cut = (size_t)number_parse(optarg, 8, PAYLOAD_MAX, "cut") & ~7ul;
		else if (option == 'n')
			work->count = (unsigned int)number_parse(optarg, 1, COUNT_MAX, "count");
		else if (option == 'w')
			work->wait_ms = (unsigned int)number_parse(optarg, 1, 600000, "wait");
		else if (option == 'r')
			work->rate = (unsigned int)number_parse(optarg, 100, 1000000, "rate");
		else if (option == 'd')
			work->dont_fragment = true;
		else if (option == 'k')
			work->by_kernel = true;
		else
			die("see the head of pieces.c");
	}
}

int main(int argc, char **argv)
{
	static struct work work = {
		.octets = 3000, .cut = 1480, .count = 1, .wait_ms = 3000, .rate = 20000};
	char **args;

	options_parse(&work, argc, argv);
	args = argv + optind;
	if (argc - optind == 2 && strcmp(args[0], "serve") == 0)
		serve((uint16_t)number_parse(args[1], 1, 65535, "port"));
	if (argc - optind != 3)
		die("see the head of pieces.c");
	work.from = endpoint_parse(strcmp(args[1], "-") == 0 ? "0.0.0.0" : args[1], 1024);
	work.to = endpoint_parse(args[2], 1024);
	work.raw = raw_open(IPPROTO_RAW);
	if (strcmp(args[0], "flood") == 0)
		flood(&work);
	return exchange(&work, args[0]);
}
