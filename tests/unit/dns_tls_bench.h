/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A server of DNS over TLS and HTTPS on loopback, and a client of it, in one loop. Include it behind cmocka.h. */
#pragma once

#include <hairpin/limits.h>
#include <signal.h>
#include <stdlib.h>

#include "cleanup.h"
#include "dns_fake.h"
#include "h2.h"
#include "padding.h"
#include "server_internal.h"
#include "tls_fixture.h"

#define NAME "dns.example.net"
#define TYPE "application/dns-message"

static struct authority ours;

enum { TLS, HTTPS, LISTENERS };

struct bench {
	uv_loop_t loop;
	struct fake fake;
	struct dns_resolver resolver;
	struct dns_server *server;
	struct tls_credentials *trust;
	__u16 ports[LISTENERS];
};

/* --- the bench --------------------------------------------------------------------------------------------- */

static inline void listen_anew(struct bench *bench)
{
	struct dns_listener listeners[LISTENERS] = {
		[TLS] = {.kind = DNS_LISTENER_TLS}, [HTTPS] = {.kind = DNS_LISTENER_HTTPS}};

	for (int i = 0; i < LISTENERS; i++) {
		int udp;

		bench->ports[i] = loopback_listen(&udp, &listeners[i].tcp);
		listeners[i].udp = -1;
		close(udp);
	}
	assert_int_equal(dns_server_listen(bench->server, listeners, LISTENERS), 0);
}

static inline struct dns_rewrites *names(void)
{
	struct dns_rewrite row = {.name = name_of("two.example.com"), .ttl_s = 60, .n_addrs = 1};
	struct ip_addr addr;

	assert_int_equal(ip_addr_parse("192.168.11.20", &addr), 0);
	row.addrs = &addr;
	return dns_rewrites_make(&row, 1);
}

static inline void identify(struct bench *bench)
{
	const struct wish wish = {.name = NAME, .from_s = -DAY, .until_s = DAY, .by = &ours};
	_strbuf_ struct strbuf why = {0};
	struct tls_credentials *identity;
	struct pair pair;

	pair_make(&pair, &wish);
	identity = tls_identity_make(pair.chain, pair.key, &why);
	assert_non_null(identity);
	dns_server_set_identity(bench->server, identity);
	tls_credentials_unref(identity);
}

static inline void bench_open(struct bench *bench, void (*behave)(struct fake_question *question))
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
	bench->trust = tls_trust_make(ours.pem, strlen(ours.pem));
	identify(bench);
	listen_anew(bench);
}

/* Also says that nothing stays open: the loop would not end. */
static inline void bench_close(struct bench *bench)
{
	struct dns_upstreams *upstreams = bench->resolver.upstreams;

	bench->resolver.upstreams = dns_upstreams_make(&bench->loop, NULL, 0);
	dns_upstreams_free(upstreams);
	dns_server_free(bench->server);
	dns_upstreams_free(bench->resolver.upstreams);
	fake_close(&bench->fake);
	loop_end(&bench->loop);
	tls_credentials_unref(bench->trust);
	dns_rewrites_free(bench->resolver.rewrites);
	dns_rewrites_free(bench->resolver.special);
	dns_cache_free(bench->resolver.cache);
}

/* --- a client ---------------------------------------------------------------------------------------------- */

struct reply {
	unsigned int status, age_s;
	bool is_dns, is_reset;
	struct octets body;
	unsigned int is_done;
};

struct client {
	struct stream stream;
	unsigned int is_open, is_over, is_closed; /* as run_until() takes them */
	unsigned int answers; /* over TLS */
	__u8 in[65536];
	size_t have;
	nghttp2_session *h2;
};

/* Over TLS: each answer is looked at where the test asks for it. */
static inline void messages_count(struct client *client)
{
	size_t at = 0;

	client->answers = 0;
	while (client->have - at >= 2 && client->have - at >= 2u + dns_get16(client->in + at)) {
		at += 2u + dns_get16(client->in + at);
		client->answers++;
	}
}

static inline void client_ready(struct stream *stream)
{
	struct client *client = (struct client *)stream;
	ssize_t n;

	client->is_open = 1;
	if (client->h2) {
		client->is_over |= h2_receive(client->h2, stream) != 0;
		h2_send(client->h2, stream);
		return;
	}
	do {
		n = stream_read(stream, client->in + client->have,
				sizeof(client->in) - client->have);
		client->have += n > 0 ? (size_t)n : 0;
	} while (n > 0);
	client->is_over |= n != -EAGAIN;
	messages_count(client);
}

static inline void client_broken(struct stream *stream)
{
	((struct client *)stream)->is_over = 1;
}

static inline void client_closed(struct stream *stream)
{
	struct client *client = (struct client *)stream;

	nghttp2_session_del(client->h2);
	client->is_closed = 1;
}

static const struct stream_events client_events = {
	.ready = client_ready, .broken = client_broken, .closed = client_closed};

/* @alpn: NULL: not under TLS. */
static inline void client_connect(struct bench *bench, struct client *client, int listener,
				  const char *alpn)
{
	const struct tls_peer peer = {.name = NAME, .alpn = alpn};
	struct ip_addr addr;

	*client = (struct client){0};
	assert_int_equal(ip_addr_parse("127.0.0.1", &addr), 0);
	stream_init(&client->stream, &bench->loop, &client_events);
	assert_int_equal(stream_connect(&client->stream, &addr, bench->ports[listener],
					alpn ? tls_client_make(bench->trust, &peer) : NULL),
			 0);
}

static inline void client_close(struct bench *bench, struct client *client)
{
	stream_close(&client->stream);
	run_until(&bench->loop, &client->is_closed, 1);
}

static inline void tls_open(struct bench *bench, struct client *client)
{
	client_connect(bench, client, TLS, "dot");
	run_until(&bench->loop, &client->is_open, 1);
}

static inline struct octets asked(const char *name, unsigned int id, bool has_edns)
{
	struct octets o = query_make(name, DNS_A);

	dns_put16(o.at, (__u16)id);
	if (has_edns)
		opt_append(&o, 1232, 0, 0);
	return o;
}

static inline void tls_ask(struct client *client, const struct octets *o)
{
	struct octets stream = {0};

	octets_add16(&stream, (unsigned int)o->n);
	octets_add(&stream, o->at, o->n);
	assert_int_equal(stream_write(&client->stream, stream.at, stream.n), 0);
}

/* The first answer that was not taken yet. */
static inline struct octets answer_take(struct client *client)
{
	struct octets o = {0};
	size_t n = dns_get16(client->in);

	assert_true(client->answers > 0);
	octets_add(&o, client->in + 2, n);
	client->have -= 2 + n;
	memmove(client->in, client->in + 2 + n, client->have);
	messages_count(client);
	return o;
}

static inline void expect_answer(const struct octets *o, unsigned int id)
{
	assert_true(o->n >= DNS_HEADER);
	assert_int_equal(dns_get16(o->at), id);
	assert_int_equal(DNS_RCODE(dns_get16(o->at + 2)), 0);
	assert_int_equal(dns_get16(o->at + 6), 1);
}

static struct fake_question held[64];
static unsigned int n_held;

static inline void hold(struct fake_question *question)
{
	held[n_held++] = *question;
}

static inline void release(void)
{
	for (unsigned int i = 0; i < n_held; i++)
		fake_honest(&held[i]);
	n_held = 0;
}
