// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * raw_send [-t TTL] [-c COUNT] udp|syn|ack|echo|unreachable|NUMBER SOURCE DESTINATION: IPv4 packets with whatever source is asked for.
 *
 * SOURCE and DESTINATION are ADDRESS[:PORT]; the destination decides the route, the source is only written into the packet. For echo
 * the source port is the ICMP id. A number is that of a protocol that nothing more is known of.
 */
#include <errno.h>
#include <netinet/ip.h>
#include <netinet/ip_icmp.h>
#include <netinet/tcp.h>
#include <netinet/udp.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "helper.h"

#define PAYLOAD "spoof"

struct packet {
	struct iphdr ip;
	union {
		struct {
			struct udphdr header;
			char data[sizeof(PAYLOAD) - 1];
		} udp;
		char data[32];
		struct tcphdr tcp;
		struct icmphdr icmp;
		struct {
			struct icmphdr icmp;
			struct iphdr ip;
			struct udphdr udp;
		} error;
	};
};

struct pseudo_header {
	uint32_t saddr, daddr;
	uint8_t zero, protocol;
	uint16_t length;
};

static uint32_t sum_add(uint32_t sum, const void *data, size_t size)
{
	const uint8_t *bytes = data;

	for (size_t i = 0; i + 1 < size; i += 2)
		sum += (uint32_t)(bytes[i] << 8 | bytes[i + 1]);
	if (size % 2)
		sum += (uint32_t)(bytes[size - 1] << 8);
	return sum;
}

static uint16_t sum_finish(uint32_t sum)
{
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return htons((uint16_t)~sum);
}

static uint16_t checksum(const struct packet *packet, size_t size)
{
	struct pseudo_header pseudo = {packet->ip.saddr, packet->ip.daddr, 0, packet->ip.protocol,
				       htons((uint16_t)size)};
	uint32_t sum = 0;

	if (packet->ip.protocol != IPPROTO_ICMP)
		sum = sum_add(sum, &pseudo, sizeof(pseudo));
	return sum_finish(sum_add(sum, &packet->udp, size));
}

static size_t fill_udp(struct packet *packet, uint16_t sport, uint16_t dport)
{
	size_t size = sizeof(packet->udp);

	packet->ip.protocol = IPPROTO_UDP;
	packet->udp.header =
		(struct udphdr){.source = sport, .dest = dport, .len = htons((uint16_t)size)};
	memcpy(packet->udp.data, PAYLOAD, sizeof(packet->udp.data));
	packet->udp.header.check = checksum(packet, size);
	return size;
}

static size_t fill_tcp(struct packet *packet, uint16_t sport, uint16_t dport, bool syn)
{
	packet->ip.protocol = IPPROTO_TCP;
	packet->tcp = (struct tcphdr){.source = sport,
				      .dest = dport,
				      .seq = htonl(1),
				      .ack_seq = htonl(syn ? 0 : 1),
				      .doff = 5,
				      .syn = syn,
				      .ack = !syn,
				      .window = htons(1024)};
	packet->tcp.check = checksum(packet, sizeof(packet->tcp));
	return sizeof(packet->tcp);
}

static size_t fill_echo(struct packet *packet, uint16_t id)
{
	packet->ip.protocol = IPPROTO_ICMP;
	packet->icmp =
		(struct icmphdr){.type = ICMP_ECHO, .un.echo = {.id = id, .sequence = htons(1)}};
	packet->icmp.checksum = checksum(packet, sizeof(packet->icmp));
	return sizeof(packet->icmp);
}

/* Port unreachable about a datagram that the destination never sent. */
static size_t fill_unreachable(struct packet *packet, const union endpoint *from,
			       const union endpoint *to)
{
	packet->ip.protocol = IPPROTO_ICMP;
	packet->error.icmp = (struct icmphdr){.type = ICMP_DEST_UNREACH, .code = ICMP_PORT_UNREACH};
	packet->error.ip = (struct iphdr){.version = 4,
					  .ihl = 5,
					  .tot_len = htons(28),
					  .ttl = 64,
					  .protocol = IPPROTO_UDP,
					  .saddr = to->v4.sin_addr.s_addr,
					  .daddr = from->v4.sin_addr.s_addr};
	packet->error.ip.check =
		sum_finish(sum_add(0, &packet->error.ip, sizeof(packet->error.ip)));
	packet->error.udp = (struct udphdr){
		.source = to->v4.sin_port, .dest = from->v4.sin_port, .len = htons(8)};
	packet->error.icmp.checksum = checksum(packet, sizeof(packet->error));
	return sizeof(packet->error);
}

static size_t fill_number(struct packet *packet, const char *number)
{
	packet->ip.protocol =
		(uint8_t)number_parse(number, 0, 255, "udp, syn, ack, echo, unreachable or number");
	memset(packet->data, 0x5a, sizeof(packet->data));
	return sizeof(packet->data);
}

static size_t packet_fill(struct packet *packet, const char *kind, const union endpoint *from,
			  const union endpoint *to)
{
	uint16_t sport = from->v4.sin_port, dport = to->v4.sin_port;

	packet->ip.version = 4;
	packet->ip.ihl = 5;
	packet->ip.saddr = from->v4.sin_addr.s_addr;
	packet->ip.daddr = to->v4.sin_addr.s_addr;
	if (strcmp(kind, "udp") == 0)
		return fill_udp(packet, sport, dport);
	if (strcmp(kind, "syn") == 0)
		return fill_tcp(packet, sport, dport, true);
	if (strcmp(kind, "ack") == 0)
		return fill_tcp(packet, sport, dport, false);
	if (strcmp(kind, "echo") == 0)
		return fill_echo(packet, sport);
	if (strcmp(kind, "unreachable") == 0)
		return fill_unreachable(packet, from, to);
	return fill_number(packet, kind);
}

int main(int argc, char **argv)
{
	struct packet packet = {.ip.ttl = 64};
	union endpoint from, to;
	long count = 1;
	size_t size;
	int option, fd;

	while ((option = getopt(argc, argv, "t:c:")) != -1) {
		if (option == 't')
			packet.ip.ttl = (uint8_t)number_parse(optarg, 0, 255, "ttl");
		else if (option == 'c')
			count = number_parse(optarg, 1, 1000000, "count");
		else
			die("usage: raw_send [-t TTL] [-c COUNT] udp|syn|ack|echo|unreachable|NUMBER SOURCE DESTINATION");
	}
	if (argc - optind != 3)
		die("usage: raw_send [-t TTL] [-c COUNT] udp|syn|ack|echo|unreachable|NUMBER SOURCE DESTINATION");
	from = endpoint_parse(argv[optind + 1], 1024);
	to = endpoint_parse(argv[optind + 2], 1024);
	size = sizeof(packet.ip) + packet_fill(&packet, argv[optind], &from, &to);
	fd = socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_RAW);
	if (fd < 0)
		die("raw socket: %s", strerror(errno));
	while (count-- > 0) {
		if (sendto(fd, &packet, size, 0, &to.any, endpoint_size(&to)) < 0)
			die("send: %s", strerror(errno));
	}
	return 0;
}
