// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * forge [-r RATE] [-d SECONDS] [-s SEED] FLAGS|udp COUNT SOURCE DESTINATION: COUNT TCP segments with invented numbers, or empty datagrams.
 *
 * Over IPv4; datagrams, without a checksum, over IPv6 as well. FLAGS are letters of F S R P A. SOURCE is ADDRESS:PORT, or ADDRESS/BITS for an
 * invented address of that network and an invented port in each; over IPv6 [ADDRESS]/64.
 * Ends after COUNT packets or SECONDS (default 10), whichever is first, and prints how many it sent and in how many milliseconds. RATE
 * is packets a second, default: as fast as they go. Runs with different SEEDs invent different numbers.
 */
#include <errno.h>
#include <netinet/ip.h>
#include <netinet/ip6.h>
#include <netinet/tcp.h>
#include <netinet/udp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "helper.h"

#define COUNT_MAX 20000000
#define RATE_MAX 1000000
#define SECONDS_MAX 600
#define BATCH 64
#define USAGE "usage: forge [-r RATE] [-d SECONDS] [-s SEED] FLAGS|udp COUNT SOURCE DESTINATION"

struct segment {
	struct iphdr ip;
	union {
		struct tcphdr tcp;
		struct udphdr udp;
	};
};

struct datagram6 {
	struct ip6_hdr ip;
	struct udphdr udp;
};

union packet {
	struct segment v4;
	struct datagram6 v6;
};

struct pseudo_header {
	uint32_t saddr, daddr;
	uint8_t zero, protocol;
	uint16_t length;
	struct tcphdr tcp;
};

struct forger {
	union endpoint from, to;
	uint32_t
		host_mask; /* bits of the source that are invented, network byte order; of IPv6 the last 64 are */
	bool invent_port;
	uint16_t port; /* of the destination, network byte order */
	uint8_t proto;
	uint8_t flags;
	uint64_t random;
};

/* xorshift64*: what is wanted is speed, and the same numbers in each run. */
static uint32_t invent(struct forger *f)
{
	f->random ^= f->random >> 12;
	f->random ^= f->random << 25;
	f->random ^= f->random >> 27;
	return (uint32_t)((f->random * 0x2545f4914f6cdd1dULL) >> 32);
}

static uint16_t checksum(const struct segment *s)
{
	const struct pseudo_header pseudo = {
		.saddr = s->ip.saddr,
		.daddr = s->ip.daddr,
		.protocol = IPPROTO_TCP,
		.length = htons(sizeof(s->tcp)),
		.tcp = s->tcp,
	};
	uint16_t words[sizeof(pseudo) / 2];
	uint32_t sum = 0;

	memcpy(words, &pseudo, sizeof(pseudo));
	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		sum += words[i];
	sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t) ~(sum + (sum >> 16));
}

static bool is_v6(const struct forger *f)
{
	return f->to.any.sa_family == AF_INET6;
}

static size_t packet_size(const struct forger *f)
{
	if (is_v6(f))
		return sizeof(struct datagram6);
	return offsetof(struct segment, tcp) +
	       (f->proto == IPPROTO_TCP ? sizeof(struct tcphdr) : sizeof(struct udphdr));
}

static uint16_t invent_port(struct forger *f)
{
	return htons((uint16_t)(1024 + invent(f) % 64000));
}

static void fill6(struct forger *f, struct datagram6 *d)
{
	*d = (struct datagram6){
		.ip = {.ip6_flow = htonl(6u << 28),
		       .ip6_plen = htons(sizeof(d->udp)),
		       .ip6_nxt = IPPROTO_UDP,
		       .ip6_hlim = 64,
		       .ip6_src = f->from.v6.sin6_addr,
		       .ip6_dst = f->to.v6.sin6_addr},
		.udp = {.source = invent_port(f), .len = htons(sizeof(d->udp))},
	};
	d->udp.dest = f->port;
	d->ip.ip6_src.s6_addr32[2] = invent(f);
	d->ip.ip6_src.s6_addr32[3] = invent(f);
}

static void fill(struct forger *f, struct segment *s)
{
	uint16_t port = f->invent_port ? invent_port(f) : f->from.v4.sin_port;

	*s = (struct segment){
		.ip = {.version = 4, .ihl = 5, .ttl = 64, .protocol = f->proto},
	};
	s->ip.saddr = f->from.v4.sin_addr.s_addr | (invent(f) & f->host_mask);
	s->ip.daddr = f->to.v4.sin_addr.s_addr;
	if (f->proto == IPPROTO_UDP) {
		/* A checksum of 0 is none (RFC 768). */
		s->udp = (struct udphdr){
			.source = port, .dest = f->port, .len = htons(sizeof(struct udphdr))};
		return;
	}
	s->tcp = (struct tcphdr){.source = port, .dest = f->port, .doff = 5, .window = htons(1024)};
	s->tcp.seq = invent(f);
	((uint8_t *)&s->tcp)[13] = f->flags;
	if (s->tcp.ack)
		s->tcp.ack_seq = invent(f);
	s->tcp.check = checksum(s);
}

/* Up to BATCH segments; how many the kernel took. */
static unsigned int send_batch(struct forger *f, int fd, unsigned int n)
{
	union packet packets[BATCH];
	struct iovec parts[BATCH];
	struct mmsghdr messages[BATCH] = {0};
	int sent;

	for (unsigned int i = 0; i < n; i++) {
		if (is_v6(f))
			fill6(f, &packets[i].v6);
		else
			fill(f, &packets[i].v4);
		parts[i] = (struct iovec){&packets[i], packet_size(f)};
		messages[i].msg_hdr = (struct msghdr){.msg_name = &f->to.any,
						      .msg_namelen = endpoint_size(&f->to),
						      .msg_iov = &parts[i],
						      .msg_iovlen = 1};
	}
	sent = sendmmsg(fd, messages, n, 0);
	if (sent < 0 && errno != ENOBUFS && errno != EAGAIN)
		die("send: %s", strerror(errno));
	return sent < 0 ? 0 : (unsigned int)sent;
}

/* Sleeps until the next segment is due: a batch a millisecond is finer than anybody measures. */
static void wait_due(uint64_t due_ns)
{
	uint64_t now = now_ns();

	if (now < due_ns)
		usleep((useconds_t)((due_ns - now) / 1000));
}

static uint64_t send_all(struct forger *f, uint64_t count, uint64_t rate, uint64_t seconds)
{
	int fd = socket(f->to.any.sa_family, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_RAW);
	uint64_t start = now_ns(), end = start + seconds * 1000000000ULL, sent = 0;

	if (fd < 0)
		die("raw socket: %s", strerror(errno));
	while (sent < count && now_ns() < end) {
		uint64_t n = count - sent < BATCH ? count - sent : BATCH;

		if (rate)
			wait_due(start + sent * 1000000000ULL / rate);
		sent += send_batch(f, fd, (unsigned int)n);
	}
	close(fd);
	return sent;
}

static uint8_t parse_flags(const char *text)
{
	static const char letters[] = "FSRPA";
	uint8_t flags = 0;

	for (; *text; text++) {
		const char *at = strchr(letters, *text);

		if (!at)
			die("'%c' is none of F S R P A", *text);
		flags |= (uint8_t)(1 << (at - letters));
	}
	return flags;
}

/* ADDRESS:PORT or ADDRESS/BITS. */
static void parse_source(struct forger *f, char *text)
{
	char *slash = strchr(text, '/');
	bool v6 = text[0] == '[';
	long bits = 32;

	if (slash) {
		*slash = 0;
		bits = v6 ? number_parse(slash + 1, 64, 64, "network")
			  : number_parse(slash + 1, 1, 32, "network");
		f->invent_port = true;
	} else if (v6) {
		die("over IPv6 the source is a network");
	}
	f->from = endpoint_parse(text, 1024);
	if (v6)
		return;
	f->host_mask = htonl((uint32_t)((1ULL << (32 - bits)) - 1));
	f->from.v4.sin_addr.s_addr &= ~f->host_mask;
}

static void parse_destination(struct forger *f, const char *text)
{
	f->to = endpoint_parse(text, 1024);
	f->port = f->to.v4.sin_port;
	if (f->to.any.sa_family != f->from.any.sa_family)
		die("source and destination are of two families");
	if (!is_v6(f))
		return;
	if (f->proto != IPPROTO_UDP)
		die("over IPv6 only datagrams");
	/* A raw socket has none. */
	f->to.v6.sin6_port = 0;
}

int main(int argc, char **argv)
{
	struct forger f = {.random = 0x9e3779b97f4a7c15};
	long rate = 0, seconds = 10;
	uint64_t start, sent;
	int option;

	while ((option = getopt(argc, argv, "r:d:s:")) != -1) {
		if (option == 'r')
			rate = number_parse(optarg, 1, RATE_MAX, "rate");
		else if (option == 'd')
			seconds = number_parse(optarg, 1, SECONDS_MAX, "seconds");
		else if (option == 's')
			f.random += (uint64_t)number_parse(optarg, 1, 1000, "seed") << 32;
		else
			die(USAGE);
	}
	if (argc - optind != 4)
		die(USAGE);
	f.proto = strcmp(argv[optind], "udp") ? IPPROTO_TCP : IPPROTO_UDP;
	f.flags = f.proto == IPPROTO_TCP ? parse_flags(argv[optind]) : 0;
	parse_source(&f, argv[optind + 2]);
	parse_destination(&f, argv[optind + 3]);
	start = now_ns();
	sent = send_all(&f, (uint64_t)number_parse(argv[optind + 1], 1, COUNT_MAX, "count"),
			(uint64_t)rate, (uint64_t)seconds);
	printf("sent %llu in %llu ms\n", (unsigned long long)sent,
	       (unsigned long long)((now_ns() - start) / 1000000));
	return 0;
}
