/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The server of src/dns with one client on a connection that sends what a fuzzer says, and an upstream that answers at once or when all is sent. Include it
 * behind cmocka.h.
 *
 * The connection is a Unix socket: those of TCP would use up the ports of loopback within a minute (TIME-WAIT). Nothing of ours asks which it is.
 */
#pragma once

#include <assert.h>
#include <signal.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/un.h>
#include <time.h>

#include "connection.h"
#include "dns_fake.h"
#include "fuzz.h"

enum way {
	WAY_HOLD = 1, /* upstream answers when all is sent */
	WAY_LEAVE = 2, /* the client does not wait for answers */
};

/* A connection that is still there then, with its client gone and all answered, is one too many. */
#define PATIENCE_S 20
/* Rounds of the loop behind each piece. */
#define TURNS 4
/* However short they should be: a piece for each octet takes the fuzzer's time and shows nothing more. */
#define PIECES_MAX 24
#define HELD_MAX 256

static struct {
	uv_loop_t loop;
	struct fake fake;
	struct dns_resolver resolver;
	struct dns_server *server;
	struct sockaddr_un at;
	socklen_t at_length;
	struct fake_question held[HELD_MAX];
	size_t n_held;
	bool is_holding;
} world;

/* What came back. */
struct heard {
	__u8 *octets; /* owned */
	size_t n;
};

static void upstream_asked(struct fake_question *question)
{
	if (world.is_holding && world.n_held < HELD_MAX)
		world.held[world.n_held++] = *question;
	else
		fake_honest(question);
}

static void upstream_release(void)
{
	world.is_holding = false;
	for (size_t i = 0; i < world.n_held; i++)
		fake_honest(&world.held[i]);
	world.n_held = 0;
}

static inline struct dns_rewrites *rewrites_make(void)
{
	struct dns_rewrite row = {.name = name_of("a"), .ttl_s = 60, .n_addrs = 1};
	struct ip_addr addr;

	if (ip_addr_parse("192.168.11.20", &addr))
		abort();
	row.addrs = &addr;
	return dns_rewrites_make(&row, 1);
}

/* @kind is spoken there, in plain. */
static inline void world_begin(const struct connection_kind *kind)
{
	struct dns_listener listener = {.udp = -1, .kind = DNS_LISTENER_PLAIN};
	struct dns_upstream_conf conf = {0};

	if (world.server)
		return;
	/* As the process has it: a client may be gone. */
	signal(SIGPIPE, SIG_IGN);
	uv_loop_init(&world.loop);
	fake_open(&world.fake, &world.loop, "203.0.113.7", upstream_asked);
	conf.port = world.fake.port;
	if (ip_addr_parse("127.0.0.1", &conf.addr))
		abort();
	world.resolver =
		(struct dns_resolver){.loop = &world.loop,
				      .rewrites = rewrites_make(),
				      .special = dns_special_make(),
				      .upstreams = dns_upstreams_make(&world.loop, &conf, 1)};
	world.server = dns_server_make(&world.loop, &world.resolver);
	/* No timer ends what should end by itself. */
	world.server->idle_ms = world.server->tls_idle_ms = 1000 * 1000;
	/* An address of the kernel's choice. */
	world.at.sun_family = AF_UNIX;
	listener.tcp = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	world.at_length = sizeof(world.at);
	assert(!bind(listener.tcp, (struct sockaddr *)&world.at, sizeof(sa_family_t)));
	assert(!getsockname(listener.tcp, (struct sockaddr *)&world.at, &world.at_length));
	assert(!listen(listener.tcp, 8));
	assert(!dns_server_listen(world.server, &listener, 1));
	world.server->places[0]->kind = kind;
}

/* All that the client can read now. True: there will be no more. */
static inline bool hear(int fd, struct heard *heard)
{
	for (;;) {
		__u8 *octets = realloc(heard->octets, heard->n + 65536);
		ssize_t n;

		assert(octets);
		heard->octets = octets;
		n = recv(fd, octets + heard->n, 65536, MSG_DONTWAIT);
		if (n <= 0)
			return !n || errno != EAGAIN;
		heard->n += (size_t)n;
	}
}

static inline bool turn(int fd, struct heard *heard)
{
	for (int i = 0; i < TURNS; i++)
		uv_run(&world.loop, UV_RUN_NOWAIT);
	return hear(fd, heard);
}

/* What @say has, in pieces of @piece octets (0: as one), and then the client is silent for good. Whatever comes of it, nothing of it stays. */
static inline struct heard converse(const struct heard *say, size_t piece, enum way ways)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	time_t end_s = time(NULL) + PATIENCE_S;
	struct heard heard = {0};
	bool is_over = false;

	if (!piece || say->n / piece >= PIECES_MAX)
		piece = say->n / (piece ? PIECES_MAX : 1) + 1;
	/* What one input learns the next must not know: it would go another way when it is replayed. */
	world.resolver.cache = dns_cache_make(65536, 1);
	world.is_holding = ways & WAY_HOLD;
	assert(fd >= 0 && world.resolver.cache);
	assert(!connect(fd, (struct sockaddr *)&world.at, world.at_length));
	for (size_t at = 0; at < say->n && !is_over; at += piece) {
		size_t n = say->n - at < piece ? say->n - at : piece;

		if (send(fd, say->octets + at, n, MSG_NOSIGNAL) < 0)
			assert(errno == EPIPE || errno == ECONNRESET);
		is_over = turn(fd, &heard);
	}
	shutdown(fd, SHUT_WR);
	if (ways & WAY_LEAVE)
		is_over = true;
	if (ways & WAY_LEAVE)
		close(fd);
	do {
		upstream_release();
		for (int i = 0; i < TURNS; i++)
			uv_run(&world.loop, UV_RUN_NOWAIT);
		is_over = is_over || hear(fd, &heard);
		assert(time(NULL) < end_s);
	} while (!is_over || world.server->n_connections || world.server->refs != 2 ||
		 world.server->places[0]->refs != 2);
	if (!(ways & WAY_LEAVE))
		close(fd);
	dns_cache_free(world.resolver.cache);
	return heard;
}
