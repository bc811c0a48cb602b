// SPDX-License-Identifier: GPL-2.0-or-later
/* The sockets that clients ask on: real ones on loopback, in the loop of this test. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <hairpin/limits.h>
#include <netinet/udp.h>

#include "dns_server_bench.h"

/* --- UDP --------------------------------------------------------------------------------------------- */

/* More than a batch, from several clients, some answered here and some by upstream. */
static void test_udp(void **state _unused_)
{
	struct bench bench;
	int fds[4];

	bench_open(&bench, fake_honest);
	for (int i = 0; i < 4; i++)
		fds[i] = client(&bench, SOCK_DGRAM, 0);
	for (unsigned int i = 0; i < 4 * LIMIT_DNS_BATCH; i++) {
		struct octets o = numbered(i % 8 < 4 ? "two.example.com" : "x.example.net", i);

		assert_int_equal(send(fds[i % 4], o.at, o.n, 0), o.n);
	}
	for (unsigned int i = 0; i < 4; i++) {
		bool seen[4 * LIMIT_DNS_BATCH] = {false};

		for (unsigned int k = 0; k < LIMIT_DNS_BATCH; k++) {
			struct octets o;
			unsigned int id;

			o.n = receive_some(&bench, fds[i], o.at, sizeof(o.at));
			id = dns_get16(o.at);
			assert_true(id < 4 * LIMIT_DNS_BATCH && id % 4 == i && !seen[id]);
			seen[id] = true;
			expect_answer(&o, id, id % 8 < 4 ? 20 : 7);
		}
		assert_true(comes_nothing(&bench, fds[i]));
		close(fds[i]);
	}
	bench_close(&bench);
}

/* Each listener's clients get the address of their own segment, over UDP and TCP. */
static void test_segments(void **state _unused_)
{
	struct bench bench;

	bench_open(&bench, fake_honest);
	for (unsigned int i = 0; i < LISTENERS; i++) {
		struct octets o = numbered("two.example.com", i), got;
		int udp = client(&bench, SOCK_DGRAM, (int)i),
		    tcp = client(&bench, SOCK_STREAM, (int)i);

		assert_int_equal(send(udp, o.at, o.n, 0), o.n);
		got.n = receive_some(&bench, udp, got.at, sizeof(got.at));
		expect_answer(&got, i, 20);
		assert_int_equal(got.at[got.n - 2], 11 + i);
		send_message(tcp, &o);
		assert_true(receive_message(&bench, tcp, &got));
		expect_answer(&got, i, 20);
		assert_int_equal(got.at[got.n - 2], 11 + i);
		close(udp);
		close(tcp);
	}
	bench_close(&bench);
}

/* What is no query gets nothing, what is a broken one is told so, and so is what is longer than any query. */
static void test_udp_garbage(void **state _unused_)
{
	static const __u8 zeros[LIMIT_DNS_QUERY_BYTES + 1];
	struct octets broken = numbered("x.example.net", 9), answer = numbered("x.example.net", 8),
		      got;
	struct bench bench;
	int fd;

	bench_open(&bench, fake_honest);
	fd = client(&bench, SOCK_DGRAM, 0);
	answer.at[2] |= DNS_QR >> 8;
	assert_int_equal(send(fd, "", 0, 0), 0);
	assert_int_equal(send(fd, zeros, DNS_HEADER - 1, 0), DNS_HEADER - 1);
	assert_int_equal(send(fd, answer.at, answer.n, 0), answer.n);
	assert_int_equal(send(fd, zeros, sizeof(zeros), 0), sizeof(zeros));
	got.n = receive_some(&bench, fd, got.at, sizeof(got.at));
	assert_int_equal(got.n, DNS_HEADER);
	assert_int_equal(dns_get16(got.at), 0);
	assert_int_equal(DNS_RCODE(dns_get16(got.at + 2)), DNS_FORMERR);
	assert_int_equal(send(fd, broken.at, broken.n - 1, 0), broken.n - 1);
	got.n = receive_some(&bench, fd, got.at, sizeof(got.at));
	assert_int_equal(got.n, DNS_HEADER);
	assert_int_equal(dns_get16(got.at), 9);
	assert_int_equal(DNS_RCODE(dns_get16(got.at + 2)), DNS_FORMERR);
	assert_true(comes_nothing(&bench, fd));
	close(fd);
	bench_close(&bench);
}

/* From port 0, which nobody can be answered at: needs a raw socket, and is skipped without the right to one. */
static bool send_from_nowhere(struct bench *bench)
{
	struct sockaddr_in to = address_of("127.0.0.1", 0);
	struct octets o = numbered("two.example.com", 1), packet = {0};
	struct udphdr header = {.dest = htons(bench->ports[0])};
	_close_ int fd = socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_UDP);

	if (fd < 0)
		return false;
	header.len = htons((__u16)(sizeof(header) + o.n));
	octets_add(&packet, &header, sizeof(header));
	octets_add(&packet, o.at, o.n);
	assert_int_equal(sendto(fd, packet.at, packet.n, 0, (struct sockaddr *)&to, sizeof(to)),
			 packet.n);
	return true;
}

/* In one batch: those behind one that cannot be answered are. */
static void test_udp_nowhere(void **state _unused_)
{
	struct octets o = numbered("two.example.com", 2), got;
	struct bench bench;
	int fd;

	bench_open(&bench, fake_honest);
	fd = client(&bench, SOCK_DGRAM, 0);
	if (!send_from_nowhere(&bench)) {
		close(fd);
		bench_close(&bench);
		skip();
	}
	assert_int_equal(send(fd, o.at, o.n, 0), o.n);
	got.n = receive_some(&bench, fd, got.at, sizeof(got.at));
	expect_answer(&got, 2, 20);
	close(fd);
	bench_close(&bench);
}

/* --- answers that go out as one message -------------------------------------------------------------------- */

/* What a device says of messages that are several datagrams: 0 where it takes them. */
static struct {
	int error;
	unsigned int offered;
} segments;

static bool is_segmented(const struct msghdr *message)
{
	const struct cmsghdr *header = CMSG_FIRSTHDR(message);

	return header && header->cmsg_level == SOL_UDP && header->cmsg_type == UDP_SEGMENT;
}

/* In place of libc's, for the server too: such a message stops it, as the kernel does it. */
int sendmmsg(int fd, struct mmsghdr *messages, unsigned int n, int flags)
{
	for (unsigned int i = 0; i < n; i++) {
		segments.offered += is_segmented(&messages[i].msg_hdr);
		if (segments.error && is_segmented(&messages[i].msg_hdr)) {
			errno = segments.error;
			return i ? (int)i : -1;
		}
		if (sendmsg(fd, &messages[i].msg_hdr, flags) < 0)
			return i ? (int)i : -1;
	}
	return (int)n;
}

/* A batch of one client's, between two of another's: all are answered, each once. */
static void ask_much(struct bench *bench, int much, int other)
{
	bool seen[LIMIT_DNS_BATCH] = {false};
	struct octets o, got;

	for (unsigned int i = 0; i < LIMIT_DNS_BATCH; i++) {
		o = numbered("two.example.com", i);
		assert_int_equal(send(i % 16 == 8 ? other : much, o.at, o.n, 0), o.n);
	}
	for (unsigned int i = 0; i < LIMIT_DNS_BATCH; i++) {
		unsigned int id;

		got.n = receive_some(bench, i < 2 ? other : much, got.at, sizeof(got.at));
		id = dns_get16(got.at);
		assert_true(id < LIMIT_DNS_BATCH && (id % 16 == 8) == (i < 2) && !seen[id]);
		seen[id] = true;
		expect_answer(&got, id, 20);
	}
	assert_true(comes_nothing(bench, much));
	assert_true(comes_nothing(bench, other));
}

/* Nothing is lost where it is not taken; and one that refuses them always is not asked for ever, unlike one that had a reason of the client's. */
static void test_udp_segments(void **state _unused_)
{
	static const struct {
		int error;
		unsigned int offered[3]; /* with each batch */
	} devices[] = {
		{0, {2, 2, 2}},
		{EIO, {2, 0, 0}},
		{EINVAL, {2, 2, 2}},
		{EMSGSIZE, {2, 2, 2}},
	};

	for (size_t i = 0; i < ARRAY_SIZE(devices); i++) {
		struct bench bench;
		int much, other;

		bench_open(&bench, fake_honest);
		much = client(&bench, SOCK_DGRAM, 0);
		other = client(&bench, SOCK_DGRAM, 0);
		segments.error = devices[i].error;
		for (size_t k = 0; k < ARRAY_SIZE(devices[i].offered); k++) {
			segments.offered = 0;
			ask_much(&bench, much, other);
			assert_int_equal(segments.offered, devices[i].offered[k]);
		}
		assert_int_equal(bench.server->places[0]->is_one_by_one, segments.error == EIO);
		assert_false(bench.server->places[1]->is_one_by_one);
		segments.error = 0;
		close(much);
		close(other);
		bench_close(&bench);
	}
}

/* A listener for IPv6, at which IPv4 arrives as well: addresses of sixteen octets, and loopback has many. */
static __u16 listen_v6(struct bench *bench)
{
	struct dns_listener listener = {.tcp = -1, .has_segment = true};
	struct sockaddr_in6 at = {.sin6_family = AF_INET6};
	int fd = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	socklen_t length = sizeof(at);

	assert_true(fd >= 0);
	assert_int_equal(setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &(int){0}, sizeof(int)), 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&at, sizeof(at)), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&at, &length), 0);
	listener.udp = fd;
	assert_int_equal(ip_net_parse("192.168.11.0/24", &listener.segment), 0);
	assert_int_equal(dns_server_listen(bench->server, &listener, 1), 0);
	return ntohs(at.sin6_port);
}

static int client_from(const char *address, __u16 own_port, __u16 port)
{
	struct sockaddr_in own = address_of(address, own_port), to = address_of("127.0.0.1", port);
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	assert_true(fd >= 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&own, sizeof(own)), 0);
	assert_int_equal(connect(fd, (struct sockaddr *)&to, sizeof(to)), 0);
	return fd;
}

/* Two that differ in the last octet of their address alone, in one batch: each is told what it asked. */
static void test_udp_clients_alike(void **state _unused_)
{
	struct octets o, got;
	struct sockaddr_in first;
	socklen_t length = sizeof(first);
	struct bench bench;
	__u16 port;
	int fds[2];

	bench_open(&bench, fake_honest);
	port = listen_v6(&bench);
	fds[0] = client_from("127.0.0.2", 0, port);
	assert_int_equal(getsockname(fds[0], (struct sockaddr *)&first, &length), 0);
	fds[1] = client_from("127.0.0.3", ntohs(first.sin_port), port);
	for (unsigned int i = 0; i < 8; i++) {
		o = numbered("two.example.com", i);
		assert_int_equal(send(fds[i % 2], o.at, o.n, 0), o.n);
	}
	for (unsigned int i = 0; i < 8; i++) {
		got.n = receive_some(&bench, fds[i % 2], got.at, sizeof(got.at));
		expect_answer(&got, i, 20);
	}
	assert_true(comes_nothing(&bench, fds[0]) && comes_nothing(&bench, fds[1]));
	close(fds[0]);
	close(fds[1]);
	bench_close(&bench);
}

/* --- TCP --------------------------------------------------------------------------------------------- */

/* Many in one segment, and one in many. */
static void test_pipelining(void **state _unused_)
{
	struct octets stream = {0}, got;
	struct bench bench;
	int fd;

	bench_open(&bench, fake_honest);
	fd = client(&bench, SOCK_STREAM, 0);
	for (unsigned int i = 0; i < 50; i++) {
		struct octets o = numbered("two.example.com", i);

		prefixed_add(&stream, &o);
	}
	assert_int_equal(send(fd, stream.at, stream.n, MSG_NOSIGNAL), stream.n);
	for (unsigned int i = 0; i < 50; i++) {
		assert_true(receive_message(&bench, fd, &got));
		expect_answer(&got, i, 20);
	}
	for (size_t i = 0; i < 2 * (stream.n / 50); i++) {
		assert_int_equal(send(fd, stream.at + i, 1, MSG_NOSIGNAL), 1);
		turn(&bench);
	}
	for (unsigned int i = 0; i < 2; i++) {
		assert_true(receive_message(&bench, fd, &got));
		expect_answer(&got, i, 20);
	}
	close(fd);
	bench_close(&bench);
}

/* What is known is not kept back by what is not. */
static void test_overlapping(void **state _unused_)
{
	struct octets slow = numbered("x.example.net", 1), known = numbered("two.example.com", 2),
		      got;
	struct bench bench;
	int fd;

	bench_open(&bench, hold);
	fd = client(&bench, SOCK_STREAM, 0);
	send_message(fd, &slow);
	send_message(fd, &known);
	assert_true(receive_message(&bench, fd, &got));
	expect_answer(&got, 2, 20);
	until_held(&bench, 1);
	release();
	assert_true(receive_message(&bench, fd, &got));
	expect_answer(&got, 1, 7);
	close(fd);
	bench_close(&bench);
}

/* More than may overlap: the rest is taken when there is room, and none is lost. */
static void test_overlapping_limit(void **state _unused_)
{
	struct octets got;
	struct bench bench;
	bool seen[LIMIT_DNS_TCP_QUERIES + 8] = {false};
	int fd;

	bench_open(&bench, hold);
	fd = client(&bench, SOCK_STREAM, 0);
	for (unsigned int i = 0; i < ARRAY_SIZE(seen); i++) {
		struct octets o;
		char name[32];

		snprintf(name, sizeof(name), "n%u.example.net", i);
		o = numbered(name, i);
		send_message(fd, &o);
	}
	until_held(&bench, LIMIT_DNS_TCP_QUERIES);
	assert_true(comes_nothing(&bench, fd));
	assert_int_equal(n_held, LIMIT_DNS_TCP_QUERIES);
	release();
	bench.fake.behave = fake_honest;
	for (unsigned int i = 0; i < ARRAY_SIZE(seen); i++) {
		unsigned int id;

		assert_true(receive_message(&bench, fd, &got));
		id = dns_get16(got.at);
		assert_true(id < ARRAY_SIZE(seen) && !seen[id]);
		seen[id] = true;
	}
	close(fd);
	bench_close(&bench);
}

static bool ends(struct bench *bench, int fd)
{
	__u8 octet;

	return !receive_some(bench, fd, &octet, 1);
}

static void test_idle(void **state _unused_)
{
	struct octets slow = numbered("x.example.net", 1), got;
	struct bench bench;
	__u64 begun, sent = 0;
	int fds[3];

	bench_open(&bench, hold);
	bench.server->idle_ms = 100;
	for (int i = 0; i < 3; i++)
		fds[i] = client(&bench, SOCK_STREAM, 0);
	/* One says nothing, one next to nothing, one waits for us. */
	send_message(fds[2], &slow);
	begun = uv_hrtime();
	while (bench.server->n_connections != 1 || uv_hrtime() - begun < 50 * 1000000ull) {
		if (uv_hrtime() - sent > 10 * 1000000ull) {
			/* The length of a query that never comes. */
			send(fds[1], "\1", 1, MSG_NOSIGNAL);
			sent = uv_hrtime();
		}
		turn(&bench);
		assert_true(uv_hrtime() - begun < 2000 * 1000000ull);
	}
	assert_true(ends(&bench, fds[0]));
	assert_true(ends(&bench, fds[1]));
	run_for(&bench.loop, 250);
	assert_int_equal(bench.server->n_connections, 1);
	release();
	assert_true(receive_message(&bench, fds[2], &got));
	expect_answer(&got, 1, 7);
	assert_true(ends(&bench, fds[2]));
	for (int i = 0; i < 3; i++)
		close(fds[i]);
	bench_close(&bench);
}

/* Who asks now and then is not idle. */
static void test_busy(void **state _unused_)
{
	struct octets o = numbered("two.example.com", 5), got;
	struct bench bench;
	int fd;

	bench_open(&bench, fake_honest);
	bench.server->idle_ms = 500;
	fd = client(&bench, SOCK_STREAM, 0);
	for (int i = 0; i < 8; i++) {
		send_message(fd, &o);
		assert_true(receive_message(&bench, fd, &got));
		run_for(&bench.loop, 100);
	}
	assert_int_equal(bench.server->n_connections, 1);
	close(fd);
	bench_close(&bench);
}

static void test_client_limit(void **state _unused_)
{
	struct octets o = numbered("two.example.com", 3), got;
	int fds[LIMIT_DNS_TCP_PER_CLIENT + 1];
	struct bench bench;

	bench_open(&bench, fake_honest);
	/* One by one: they are accepted in the order in which they came. */
	for (size_t i = 0; i < ARRAY_SIZE(fds); i++) {
		fds[i] = client(&bench, SOCK_STREAM, 0);
		turn(&bench);
	}
	assert_true(ends(&bench, fds[LIMIT_DNS_TCP_PER_CLIENT]));
	for (size_t i = 0; i < LIMIT_DNS_TCP_PER_CLIENT; i++) {
		send_message(fds[i], &o);
		assert_true(receive_message(&bench, fds[i], &got));
		expect_answer(&got, 3, 20);
	}
	/* Whose place is given back. */
	close(fds[0]);
	for (int i = 0; i < 5; i++)
		turn(&bench);
	fds[0] = client(&bench, SOCK_STREAM, 1);
	send_message(fds[0], &o);
	assert_true(receive_message(&bench, fds[0], &got));
	for (size_t i = 0; i < ARRAY_SIZE(fds); i++)
		close(fds[i]);
	bench_close(&bench);
}

/* Where lengths are wrong nothing behind them can be found. */
static void test_tcp_garbage(void **state _unused_)
{
	static const __u8 lengths[][2] = {
		{(LIMIT_DNS_QUERY_BYTES + 1) >> 8, (LIMIT_DNS_QUERY_BYTES + 1) & 0xff},
		{0xff, 0xff},
		{0, DNS_HEADER - 1},
		{0, 0},
	};
	struct octets answer = numbered("x.example.net", 8),
		      longest = numbered("two.example.com", 4), stream = {0}, got;
	struct bench bench;
	int fd;

	bench_open(&bench, fake_honest);
	for (size_t i = 0; i < ARRAY_SIZE(lengths); i++) {
		fd = client(&bench, SOCK_STREAM, 0);
		assert_int_equal(send(fd, lengths[i], 2, MSG_NOSIGNAL), 2);
		assert_true(ends(&bench, fd));
		close(fd);
	}
	fd = client(&bench, SOCK_STREAM, 0);
	answer.at[2] |= DNS_QR >> 8;
	send_message(fd, &answer);
	assert_true(ends(&bench, fd));
	close(fd);

	/* The longest that may be: padding up to it (RFC 7830). */
	fd = client(&bench, SOCK_STREAM, 0);
	opt_append(&longest, 1232, 0, 0);
	octets_add16(&longest, 12);
	octets_add16(&longest, (unsigned int)(LIMIT_DNS_QUERY_BYTES - longest.n - 2));
	dns_put16(longest.at + longest.n - 6, (__u16)(LIMIT_DNS_QUERY_BYTES - longest.n + 4));
	memset(longest.at + longest.n, 0, LIMIT_DNS_QUERY_BYTES - longest.n);
	longest.n = LIMIT_DNS_QUERY_BYTES;
	octets_add16(&stream, LIMIT_DNS_QUERY_BYTES);
	assert_int_equal(send(fd, stream.at, 2, MSG_NOSIGNAL), 2);
	assert_int_equal(send(fd, longest.at, longest.n, MSG_NOSIGNAL), longest.n);
	assert_true(receive_message(&bench, fd, &got));
	assert_int_equal(dns_get16(got.at), 4);
	assert_int_equal(DNS_RCODE(dns_get16(got.at + 2)), 0);
	close(fd);
	bench_close(&bench);
}

/* An answer of some 60,000 octets for "large.example.net". */
static void learn_large(struct bench *bench)
{
	static __u8 message[60000];
	struct octets o = query_make("large.example.net", DNS_TXT);
	struct dns_query query;
	size_t n;

	assert_int_equal(dns_query_parse(o.at, o.n, &query), 0);
	dns_put16(o.at + 2, DNS_QR | DNS_RD | DNS_RA);
	dns_put16(o.at + 6, 1);
	octets_add(&o, "\xc0\x0c", 2);
	record_add(&o, DNS_TXT, 60, "", 0);
	memcpy(message, o.at, o.n);
	n = sizeof(message) - o.n;
	dns_put16(message + o.n - 2, (__u16)n);
	dns_cache_put(bench->resolver.cache, &query, (struct dns_reply){message, sizeof(message)},
		      uv_now(&bench->loop));
}

/* Asks and does not read: it is ended, whatever it still asks, long before the answers fill our memory. */
static void test_not_reading(void **state _unused_)
{
	struct octets o = query_make("large.example.net", DNS_TXT), stream = {0};
	struct bench bench;
	unsigned int asked = 0;
	int fd, small = 4096;

	bench_open(&bench, fake_honest);
	learn_large(&bench);
	fd = client(&bench, SOCK_STREAM, 0);
	setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof(small));
	prefixed_add(&stream, &o);
	do {
		/* 60 MB of answers */
		assert_true(asked++ < 1000);
		send(fd, stream.at, stream.n, MSG_NOSIGNAL | MSG_DONTWAIT);
		uv_run(&bench.loop, UV_RUN_NOWAIT);
	} while (asked < 10 || bench.server->n_connections);
	close(fd);
	bench_close(&bench);
}

/* All is asked, and the client says so: it is answered, and then it is over. */
static void test_half_closed(void **state _unused_)
{
	struct octets slow = numbered("x.example.net", 1), known = numbered("two.example.com", 2),
		      got;
	struct bench bench;
	int fd;

	bench_open(&bench, hold);
	fd = client(&bench, SOCK_STREAM, 0);
	send_message(fd, &slow);
	send_message(fd, &known);
	shutdown(fd, SHUT_WR);
	assert_true(receive_message(&bench, fd, &got));
	expect_answer(&got, 2, 20);
	until_held(&bench, 1);
	release();
	assert_true(receive_message(&bench, fd, &got));
	expect_answer(&got, 1, 7);
	assert_true(ends(&bench, fd));
	assert_int_equal(bench.server->n_connections, 0);
	close(fd);
	bench_close(&bench);
}

/* --- listeners replaced -------------------------------------------------------------------------------- */

static void test_replaced(void **state _unused_)
{
	struct octets slow = numbered("x.example.net", 1), other = numbered("y.example.net", 2),
		      known = numbered("two.example.com", 3), got;
	struct bench bench;
	int udp, lying, tcp, idle;

	bench_open(&bench, hold);
	udp = client(&bench, SOCK_DGRAM, 0);
	lying = client(&bench, SOCK_DGRAM, 0);
	tcp = client(&bench, SOCK_STREAM, 0);
	idle = client(&bench, SOCK_STREAM, 0);
	assert_int_equal(send(udp, slow.at, slow.n, 0), slow.n);
	send_message(tcp, &other);
	until_held(&bench, 2);
	/* Come, and not read yet. */
	assert_int_equal(send(lying, known.at, known.n, 0), known.n);
	listen_anew(&bench);

	got.n = receive_some(&bench, lying, got.at, sizeof(got.at));
	expect_answer(&got, 3, 20);
	assert_true(ends(&bench, idle));
	assert_true(comes_nothing(&bench, tcp));
	release();
	got.n = receive_some(&bench, udp, got.at, sizeof(got.at));
	expect_answer(&got, 1, 7);
	assert_true(receive_message(&bench, tcp, &got));
	expect_answer(&got, 2, 7);
	assert_true(ends(&bench, tcp));
	close(udp);
	close(lying);
	close(tcp);
	close(idle);

	/* And the new ones answer. */
	udp = client(&bench, SOCK_DGRAM, 1);
	tcp = client(&bench, SOCK_STREAM, 1);
	assert_int_equal(send(udp, known.at, known.n, 0), known.n);
	got.n = receive_some(&bench, udp, got.at, sizeof(got.at));
	expect_answer(&got, 3, 20);
	send_message(tcp, &known);
	assert_true(receive_message(&bench, tcp, &got));
	expect_answer(&got, 3, 20);
	close(udp);
	close(tcp);
	bench_close(&bench);
}

/* The same sockets by other descriptors, as the daemon sends them with each setup: who is connected stays, and is asked in the new segment. */
static void test_kept(void **state _unused_)
{
	struct octets known = numbered("two.example.com", 3), got;
	struct dns_listener again[LISTENERS];
	struct bench bench;
	int idle;

	bench_open(&bench, fake_honest);
	idle = client(&bench, SOCK_STREAM, 0);
	send_message(idle, &known);
	assert_true(receive_message(&bench, idle, &got));
	expect_answer(&got, 3, 20);
	for (int i = 0; i < LISTENERS; i++) {
		struct place *place = bench.server->places[i];
		uv_os_fd_t tcp;

		assert_int_equal(uv_fileno((uv_handle_t *)&place->tcp, &tcp), 0);
		again[i] = (struct dns_listener){.udp = dup(place->udp_fd), .tcp = dup(tcp)};
	}
	assert_int_equal(dns_server_listen(bench.server, again, LISTENERS), 0);
	assert_false(bench.server->places[0]->has_segment);
	run_for(&bench.loop, 50);
	assert_int_equal(bench.server->n_connections, 1);
	send_message(idle, &known);
	assert_true(receive_message(&bench, idle, &got));
	close(idle);
	bench_close(&bench);
}

/* --- no memory ------------------------------------------------------------------------------------------ */

static unsigned int n_allowed;

static void *allocate_some(size_t n, size_t size)
{
	return n_allowed ? n_allowed--, calloc(n, size) : NULL;
}

/* Whatever cannot be had: those before go on, and the caller is told. */
static void test_listen_no_memory(void **state _unused_)
{
	struct octets known = numbered("two.example.com", 3), got;
	struct bench bench;
	int udp;

	bench_open(&bench, fake_honest);
	bench.server->allocate = allocate_some;
	udp = client(&bench, SOCK_DGRAM, 0);
	for (unsigned int allowed = 0; allowed < 1 + LISTENERS; allowed++) {
		struct dns_listener listeners[LISTENERS] = {0};

		for (int i = 0; i < LISTENERS; i++)
			loopback_listen(&listeners[i].udp, &listeners[i].tcp);
		n_allowed = allowed;
		assert_int_equal(dns_server_listen(bench.server, listeners, LISTENERS), -ENOMEM);
		assert_int_equal(fcntl(listeners[LISTENERS - 1].tcp, F_GETFD), -1);
		assert_int_equal(send(udp, known.at, known.n, 0), known.n);
		got.n = receive_some(&bench, udp, got.at, sizeof(got.at));
		expect_answer(&got, 3, 20);
	}
	close(udp);
	bench_close(&bench);
}

/* Connections that there is no memory for end, and the next one that there is some for is served. */
static void test_connect_no_memory(void **state _unused_)
{
	struct octets known = numbered("two.example.com", 3), got;
	struct bench bench;
	int fds[4];

	bench_open(&bench, fake_honest);
	bench.server->allocate = allocate_some;
	n_allowed = 0;
	for (int i = 0; i < 3; i++)
		fds[i] = client(&bench, SOCK_STREAM, 0);
	for (int i = 0; i < 3; i++)
		assert_true(ends(&bench, fds[i]));
	n_allowed = 1;
	fds[3] = client(&bench, SOCK_STREAM, 0);
	send_message(fds[3], &known);
	assert_true(receive_message(&bench, fds[3], &got));
	expect_answer(&got, 3, 20);
	for (int i = 0; i < 4; i++)
		close(fds[i]);
	bench_close(&bench);
}

/* With connections open and queries waiting, of listeners of now and before: all of it is closed. */
static void test_freed(void **state _unused_)
{
	struct octets slow = numbered("x.example.net", 1);
	struct bench bench;
	int tcp[2];

	bench_open(&bench, hold);
	for (unsigned int i = 0; i < 2; i++) {
		tcp[i] = client(&bench, SOCK_STREAM, 0);
		slow.at[DNS_HEADER + 1] = (__u8)('a' + i);
		send_message(tcp[i], &slow);
		until_held(&bench, i + 1);
		if (!i)
			listen_anew(&bench);
	}
	n_held = 0;
	bench_close(&bench);
	close(tcp[0]);
	close(tcp[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_udp),
		cmocka_unit_test(test_segments),
		cmocka_unit_test(test_udp_garbage),
		cmocka_unit_test(test_udp_nowhere),
		cmocka_unit_test(test_udp_segments),
		cmocka_unit_test(test_udp_clients_alike),
		cmocka_unit_test(test_pipelining),
		cmocka_unit_test(test_overlapping),
		cmocka_unit_test(test_overlapping_limit),
		cmocka_unit_test(test_idle),
		cmocka_unit_test(test_busy),
		cmocka_unit_test(test_client_limit),
		cmocka_unit_test(test_tcp_garbage),
		cmocka_unit_test(test_not_reading),
		cmocka_unit_test(test_half_closed),
		cmocka_unit_test(test_replaced),
		cmocka_unit_test(test_kept),
		cmocka_unit_test(test_listen_no_memory),
		cmocka_unit_test(test_connect_no_memory),
		cmocka_unit_test(test_freed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
