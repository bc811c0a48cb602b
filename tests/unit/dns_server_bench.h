/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The server on loopback, in the loop of the test, with an upstream that does as it is told and clients. After cmocka.h. */
#pragma once

#include <fcntl.h>

#include "cleanup.h"
#include "dns_fake.h"
#include "server_internal.h"

#define LISTENERS 2
/* Of a client's patience. */
#define ROUND_US 500
#define ROUNDS 40000

struct bench {
	uv_loop_t loop;
	struct fake fake;
	struct dns_resolver resolver;
	struct dns_server *server;
	__u16 ports[LISTENERS];
};

/* --- the bench --------------------------------------------------------------------------------------- */

static struct sockaddr_in address_of(const char *text, __u16 port)
{
	struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons(port)};

	assert_int_equal(inet_pton(AF_INET, text, &at.sin_addr), 1);
	return at;
}

/* New sockets; the segments are 192.168.11.0/24 and 192.168.12.0/24. */
static void listen_anew(struct bench *bench)
{
	static const char *const segments[LISTENERS] = {"192.168.11.0/24", "192.168.12.0/24"};
	struct dns_listener listeners[LISTENERS];

	for (int i = 0; i < LISTENERS; i++) {
		listeners[i] = (struct dns_listener){.has_segment = true};
		bench->ports[i] = loopback_listen(&listeners[i].udp, &listeners[i].tcp);
		assert_int_equal(ip_net_parse(segments[i], &listeners[i].segment), 0);
	}
	assert_int_equal(dns_server_listen(bench->server, listeners, LISTENERS), 0);
}

static struct dns_rewrites *names(void)
{
	struct dns_rewrite row = {.name = name_of("two.example.com"), .ttl_s = 60, .n_addrs = 2};
	struct ip_addr addrs[2];

	assert_int_equal(ip_addr_parse("192.168.11.20", &addrs[0]), 0);
	assert_int_equal(ip_addr_parse("192.168.12.20", &addrs[1]), 0);
	row.addrs = addrs;
	return dns_rewrites_make(&row, 1);
}

static void bench_open(struct bench *bench, void (*behave)(struct fake_question *question))
{
	struct dns_upstream_conf conf = {0};

	*bench = (struct bench){0};
	assert_int_equal(uv_loop_init(&bench->loop), 0);
	fake_open(&bench->fake, &bench->loop, "203.0.113.7", behave);
	conf.port = bench->fake.port;
	assert_int_equal(ip_addr_parse("127.0.0.1", &conf.addr), 0);
	bench->resolver =
		(struct dns_resolver){.loop = &bench->loop,
				      .rewrites = names(),
				      .special = dns_special_make(),
				      .cache = dns_cache_make(1 << 20, 1),
				      .upstreams = dns_upstreams_make(&bench->loop, &conf, 1)};
	bench->server = dns_server_make(&bench->loop, &bench->resolver);
	assert_non_null(bench->server);
	listen_anew(bench);
}

/* Also says that nothing stays open: the loop would not end. */
static void bench_close(struct bench *bench)
{
	struct dns_upstreams *upstreams = bench->resolver.upstreams;

	bench->resolver.upstreams = dns_upstreams_make(&bench->loop, NULL, 0);
	dns_upstreams_free(upstreams);
	dns_server_free(bench->server);
	dns_upstreams_free(bench->resolver.upstreams);
	fake_close(&bench->fake);
	loop_end(&bench->loop);
	dns_rewrites_free(bench->resolver.rewrites);
	dns_rewrites_free(bench->resolver.special);
	dns_cache_free(bench->resolver.cache);
}

/* --- clients ----------------------------------------------------------------------------------------- */

static void turn(struct bench *bench)
{
	uv_run(&bench->loop, UV_RUN_NOWAIT);
	usleep(ROUND_US);
}

static int client(struct bench *bench, int type, int listener)
{
	struct sockaddr_in at = address_of("127.0.0.1", bench->ports[listener]);
	int fd = socket(AF_INET, type | SOCK_CLOEXEC, 0);

	assert_true(fd >= 0);
	assert_int_equal(connect(fd, (struct sockaddr *)&at, sizeof(at)), 0);
	return fd;
}

/* Up to @size octets, as they come: 0 where the connection is at its end. */
static size_t receive_some(struct bench *bench, int fd, __u8 *to, size_t size)
{
	for (int i = 0; i < ROUNDS; i++) {
		ssize_t n = recv(fd, to, size, MSG_DONTWAIT);

		if (n >= 0)
			return (size_t)n;
		if (errno == ECONNRESET)
			return 0;
		assert_int_equal(errno, EAGAIN);
		turn(bench);
	}
	fail_msg("nothing came");
	return 0;
}

static bool comes_nothing(struct bench *bench, int fd)
{
	__u8 octet;

	for (int i = 0; i < 20; i++)
		turn(bench);
	return recv(fd, &octet, 1, MSG_DONTWAIT) < 0 && errno == EAGAIN;
}

/* One message over TCP. False: the connection is at its end. */
static bool receive_message(struct bench *bench, int fd, struct octets *ret_message)
{
	__u8 prefix[2];
	size_t n = 0;

	while (n < 2) {
		size_t some = receive_some(bench, fd, prefix + n, 2 - n);

		if (!some)
			return false;
		n += some;
	}
	*ret_message = (struct octets){0};
	while (ret_message->n < dns_get16(prefix)) {
		n = receive_some(bench, fd, ret_message->at + ret_message->n,
				 dns_get16(prefix) - ret_message->n);
		assert_true(n > 0);
		ret_message->n += n;
	}
	return true;
}

static void prefixed_add(struct octets *stream, const struct octets *message)
{
	octets_add16(stream, (unsigned int)message->n);
	octets_add(stream, message->at, message->n);
}

static struct octets numbered(const char *name, unsigned int id)
{
	struct octets o = query_make(name, DNS_A);

	dns_put16(o.at, (__u16)id);
	return o;
}

static void send_message(int fd, const struct octets *message)
{
	struct octets stream = {0};

	prefixed_add(&stream, message);
	assert_int_equal(send(fd, stream.at, stream.n, MSG_NOSIGNAL), stream.n);
}

/* Id, and the last octet of the one address. */
static void expect_answer(const struct octets *o, unsigned int id, unsigned int last)
{
	assert_int_equal(dns_get16(o->at), id);
	assert_int_equal(DNS_RCODE(dns_get16(o->at + 2)), 0);
	assert_int_equal(dns_get16(o->at + 6), 1);
	assert_int_equal(o->at[o->n - 1], last);
}

static struct fake_question held[256];
static unsigned int n_held;

static void hold(struct fake_question *question)
{
	held[n_held++] = *question;
}

static void release(void)
{
	for (unsigned int i = 0; i < n_held; i++)
		fake_honest(&held[i]);
	n_held = 0;
}

static void until_held(struct bench *bench, unsigned int n)
{
	for (int i = 0; i < ROUNDS && n_held < n; i++)
		turn(bench);
	assert_int_equal(n_held, n);
}
