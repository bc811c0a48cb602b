// SPDX-License-Identifier: GPL-2.0-or-later
/* An upstream that is asked over TLS: one connection for many questions, answers in any order, and servers that are not who they say, or no servers at all. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <hairpin/limits.h>

#include "channel.h"
#include "dns_fake.h"
#include "stream.h"
#include "tls_fixture.h"
#include "upstream.h"

#define NAME "dns.example.net"

static struct authority ours;

/* --- a server over TLS that does as it is told ----------------------------------------------------------------- */

struct server;

struct client {
	struct stream stream;
	struct server *server;
	__u8 in[4096];
	size_t have;
	struct octets held; /* a question that waits for the next */
};

struct server {
	uv_loop_t *loop;
	uv_tcp_t tcp;
	__u16 port;
	struct tls_credentials *identity;
	void (*behave)(struct client *client, const struct octets *question);
	unsigned int connections, open, questions, resumed;
	size_t last_length;
};

static struct octets answer_to(const struct octets *question)
{
	struct fake fake = {.address = "192.0.2.1"};
	const struct fake_question fq = {.fake = &fake, .message = *question};

	return fake_answer(&fq);
}

static void say(struct client *client, const struct octets *o)
{
	__u8 length[2];

	dns_put16(length, (__u16)o->n);
	assert_int_equal(stream_write(&client->stream, length, 2), 0);
	assert_int_equal(stream_write(&client->stream, o->at, o->n), 0);
}

static void honest(struct client *client, const struct octets *question)
{
	struct octets o = answer_to(question);

	say(client, &o);
}

/* The second first. */
static void reversed(struct client *client, const struct octets *question)
{
	if (!client->held.n) {
		client->held = *question;
		return;
	}
	honest(client, question);
	honest(client, &client->held);
	client->held.n = 0;
}

static void closing(struct client *client, const struct octets *question)
{
	honest(client, question);
	stream_close(&client->stream);
}

/* The first of a connection gets an answer, the others the end. */
static void tired(struct client *client, const struct octets *question)
{
	if (client->held.n) {
		stream_close(&client->stream);
		return;
	}
	client->held = *question;
	honest(client, question);
}

static void leaving(struct client *client, const struct octets *question _unused_)
{
	stream_close(&client->stream);
}

static void silent(struct client *client _unused_, const struct octets *question _unused_)
{
}

static void babbling(struct client *client, const struct octets *question _unused_)
{
	static const __u8 short_message[] = {0, 3, 1, 2, 3};

	assert_int_equal(stream_write(&client->stream, short_message, sizeof(short_message)), 0);
}

static void mistaken(struct client *client, const struct octets *question)
{
	struct octets o = answer_to(question);

	/* One more record than there is. */
	dns_put16(o.at + 6, 2);
	say(client, &o);
}

/* An answer to nobody, and then the right one. */
static void confused(struct client *client, const struct octets *question)
{
	struct octets o = answer_to(question);

	o.at[0] ^= 0xff;
	say(client, &o);
	honest(client, question);
}

static void client_ready(struct stream *stream)
{
	struct client *c = (struct client *)stream;
	ssize_t n;

	while (!stream->is_closing &&
	       (n = stream_read(stream, c->in + c->have, sizeof(c->in) - c->have)) > 0) {
		c->have += (size_t)n;
		while (!stream->is_closing && c->have >= 2 && c->have >= 2u + dns_get16(c->in)) {
			struct octets question = {0};
			size_t length = dns_get16(c->in);

			octets_add(&question, c->in + 2, length);
			memmove(c->in, c->in + 2 + length, c->have - 2 - length);
			c->have -= 2 + length;
			c->server->questions++;
			c->server->last_length = length;
			c->server->behave(c, &question);
		}
	}
	if (!stream->is_closing && stream->has_ended)
		stream_close(stream);
}

static void client_broken(struct stream *stream)
{
	stream_close(stream);
}

static void client_closed(struct stream *stream)
{
	struct client *client = (struct client *)stream;

	client->server->open--;
	free(client);
}

static const struct stream_events client_events = {
	.ready = client_ready, .broken = client_broken, .closed = client_closed};

static void accepted(uv_stream_t *listener, int status)
{
	struct client *client = calloc(1, sizeof(*client));

	assert_int_equal(status, 0);
	assert_non_null(client);
	client->server = listener->data;
	client->server->connections++;
	client->server->open++;
	stream_init(&client->stream, client->server->loop, &client_events);
	assert_int_equal(stream_accept(&client->stream, listener), 0);
	stream_secure(&client->stream, tls_server_make(client->server->identity, "dot", false));
}

static void server_open(struct server *server, uv_loop_t *loop, const struct wish *wish,
			void (*behave)(struct client *client, const struct octets *question))
{
	_strbuf_ struct strbuf why = {0};
	struct pair pair;
	int udp, tcp;

	*server = (struct server){.loop = loop, .behave = behave};
	pair_make(&pair, wish);
	server->identity = tls_identity_make(pair.chain, pair.key, &why);
	assert_non_null(server->identity);
	server->port = loopback_listen(&udp, &tcp);
	close(udp);
	assert_int_equal(uv_tcp_init(loop, &server->tcp), 0);
	assert_int_equal(uv_tcp_open(&server->tcp, tcp), 0);
	server->tcp.data = server;
	assert_int_equal(uv_listen((uv_stream_t *)&server->tcp, 16, accepted), 0);
}

/* --- who asks it --------------------------------------------------------------------------------------------- */

struct bench {
	uv_loop_t loop;
	struct server server;
	struct tls_credentials *trust;
	struct dns_upstreams *upstreams;
	unsigned int called, answered;
};

static const struct wish good = {.name = NAME, .from_s = -DAY, .until_s = DAY, .by = &ours};

static void bench_open(struct bench *bench, const struct wish *wish, const char *name,
		       void (*behave)(struct client *client, const struct octets *question))
{
	struct dns_upstream_conf conf = {.kind = DNS_UPSTREAM_TLS};

	*bench = (struct bench){0};
	assert_int_equal(uv_loop_init(&bench->loop), 0);
	server_open(&bench->server, &bench->loop, wish, behave);
	assert_int_equal(ip_addr_parse("127.0.0.1", &conf.addr), 0);
	conf.port = bench->server.port;
	strcpy(conf.name, name);
	bench->trust = tls_trust_make(ours.pem, strlen(ours.pem));
	bench->upstreams = dns_upstreams_make(&bench->loop, &conf, 1);
	assert_non_null(bench->upstreams);
	dns_upstreams_set_trust(bench->upstreams, bench->trust);
}

static void bench_close(struct bench *bench)
{
	dns_upstreams_free(bench->upstreams);
	tls_credentials_unref(bench->trust);
	uv_close((uv_handle_t *)&bench->server.tcp, NULL);
	loop_end(&bench->loop);
	assert_int_equal(bench->server.open, 0);
	tls_credentials_unref(bench->server.identity);
}

static void replied(void *data, const struct dns_query *query _unused_, int ret,
		    struct dns_reply reply _unused_)
{
	struct bench *bench = data;

	bench->called++;
	bench->answered += !ret;
}

static void ask_for(struct bench *bench, const char *name)
{
	struct octets o = query_make(name, DNS_A);
	struct dns_query query;

	assert_int_equal(dns_query_parse(o.at, o.n, &query), 0);
	uv_update_time(&bench->loop);
	assert_int_equal(dns_upstreams_ask(bench->upstreams, &query,
					   (struct dns_asker){.replied = replied, .data = bench}),
			 0);
}

static void ask(struct bench *bench, const char *name)
{
	unsigned int before = bench->called;

	ask_for(bench, name);
	run_until(&bench->loop, &bench->called, before + 1);
}

static struct dns_upstream_stats stats_of(const struct bench *bench)
{
	return dns_upstreams_stats(bench->upstreams, 0);
}

static void test_one_connection(void **state _unused_)
{
	struct bench bench;

	bench_open(&bench, &good, NAME, honest);
	ask(&bench, "a.example");
	ask(&bench, "b.example");
	ask_for(&bench, "c.example");
	ask_for(&bench, "d.example");
	run_until(&bench.loop, &bench.called, 4);
	assert_int_equal(bench.answered, 4);
	assert_int_equal(bench.server.connections, 1);
	assert_int_equal(bench.server.questions, 4);
	/* RFC 8467 section 4.1 */
	assert_int_equal(bench.server.last_length, 128);
	assert_string_equal(stats_of(&bench).fault, "");
	bench_close(&bench);
}

static void test_any_order(void **state _unused_)
{
	struct bench bench;

	bench_open(&bench, &good, NAME, reversed);
	ask_for(&bench, "a.example");
	ask_for(&bench, "b.example");
	run_until(&bench.loop, &bench.called, 2);
	assert_int_equal(bench.answered, 2);
	assert_int_equal(bench.server.connections, 1);
	bench_close(&bench);
}

static void test_by_address(void **state _unused_)
{
	const struct wish wish = {
		.address = "127.0.0.1", .from_s = -DAY, .until_s = DAY, .by = &ours};
	struct bench bench;

	bench_open(&bench, &wish, "", honest);
	ask(&bench, "a.example");
	assert_int_equal(bench.answered, 1);
	bench_close(&bench);
	bench_open(&bench, &good, "", honest);
	ask(&bench, "a.example");
	assert_int_equal(bench.answered, 0);
	bench_close(&bench);
}

/* Not one question is said to a server that is not who it should be, and it is not tried for each question. */
static void test_untrusted(void **state _unused_)
{
	static const struct {
		struct wish wish;
		const char *why;
	} cases[] = {
		{{"dns.example.org", NULL, -DAY, DAY, &ours}, "name"},
		{{NAME, NULL, -2 * DAY, -DAY, &ours}, "expired"},
		{{NAME, NULL, -DAY, DAY, NULL}, "issuer"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct bench bench;

		bench_open(&bench, &cases[i].wish, NAME, honest);
		for (int k = 0; k < 5; k++)
			ask(&bench, "a.example");
		assert_int_equal(bench.answered, 0);
		assert_int_equal(bench.server.questions, 0);
		assert_int_equal(bench.server.connections, 1);
		assert_non_null(strstr(stats_of(&bench).fault, cases[i].why));
		assert_true(stats_of(&bench).is_out);
		bench_close(&bench);
	}
}

/* Others vouch from now on. */
static void test_trust_replaced(void **state _unused_)
{
	struct bench bench;

	bench_open(&bench, &good, NAME, honest);
	ask(&bench, "a.example");
	dns_upstreams_set_trust(bench.upstreams, NULL);
	ask(&bench, "b.example");
	assert_int_equal(bench.answered, 1);
	assert_int_equal(bench.server.questions, 1);
	dns_upstreams_set_trust(bench.upstreams, bench.trust);
	ask(&bench, "c.example");
	assert_int_equal(bench.answered, 2);
	assert_int_equal(bench.server.connections, 2);
	bench_close(&bench);
}

/* A server that closes each connection behind an answer costs connections, and no answer. */
static void test_closing(void **state _unused_)
{
	struct bench bench;
	char name[16];

	bench_open(&bench, &good, NAME, closing);
	for (int i = 0; i < 4; i++) {
		snprintf(name, sizeof(name), "n%d.example", i);
		ask(&bench, name);
	}
	assert_int_equal(bench.answered, 4);
	assert_int_equal(bench.server.connections, 4);
	bench_close(&bench);
}

/* What was under way when it ended is asked again. */
static void test_ended_under_way(void **state _unused_)
{
	struct bench bench;

	bench_open(&bench, &good, NAME, tired);
	for (int i = 0; i < 3; i++) {
		char name[16];

		snprintf(name, sizeof(name), "n%d.example", i);
		ask_for(&bench, name);
	}
	run_until(&bench.loop, &bench.called, 3);
	assert_int_equal(bench.answered, 3);
	assert_int_equal(stats_of(&bench).timed_out, 0);
	bench_close(&bench);
}

/* One that never answers is not asked again and again within one question. */
static void test_leaving(void **state _unused_)
{
	struct bench bench;

	bench_open(&bench, &good, NAME, leaving);
	ask(&bench, "a.example");
	assert_int_equal(bench.answered, 0);
	assert_in_range(bench.server.connections, 1, LIMIT_DNS_TRIES);
	assert_string_not_equal(stats_of(&bench).fault, "");
	bench_close(&bench);
}

static void test_nonsense(void **state _unused_)
{
	void (*const behaves[])(struct client *, const struct octets *) = {babbling, mistaken};

	for (size_t i = 0; i < ARRAY_SIZE(behaves); i++) {
		struct bench bench;

		bench_open(&bench, &good, NAME, behaves[i]);
		ask(&bench, "a.example");
		assert_int_equal(bench.answered, 0);
		bench_close(&bench);
	}
}

static void test_confused(void **state _unused_)
{
	struct bench bench;

	bench_open(&bench, &good, NAME, confused);
	ask(&bench, "a.example");
	assert_int_equal(bench.answered, 1);
	assert_int_equal(bench.server.questions, 1);
	bench_close(&bench);
}

/* A connection that says nothing any more is given up, and the question is asked on a new one. */
static void test_silent(void **state _unused_)
{
	struct bench bench;

	bench_open(&bench, &good, NAME, honest);
	ask(&bench, "a.example");
	bench.server.behave = silent;
	ask_for(&bench, "b.example");
	run_until(&bench.loop, &bench.server.questions, 2);
	run_for(&bench.loop, 50);
	bench.server.behave = honest;
	run_until(&bench.loop, &bench.called, 2);
	assert_int_equal(bench.answered, 2);
	bench_close(&bench);
}

/* While its connection is only on its way. */
static void test_freed_early(void **state _unused_)
{
	struct bench bench;

	bench_open(&bench, &good, NAME, honest);
	ask_for(&bench, "a.example");
	dns_upstreams_free(bench.upstreams);
	assert_int_equal(bench.called, 1);
	bench.upstreams = NULL;
	bench_close(&bench);
}

static int begin(void **state _unused_)
{
	assert_int_equal(tls_init(), 0);
	authority_make(&ours, "ours");
	return 0;
}

static int end(void **state _unused_)
{
	authority_fini(&ours);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_one_connection),	cmocka_unit_test(test_any_order),
		cmocka_unit_test(test_by_address),	cmocka_unit_test(test_untrusted),
		cmocka_unit_test(test_trust_replaced),	cmocka_unit_test(test_closing),
		cmocka_unit_test(test_ended_under_way), cmocka_unit_test(test_leaving),
		cmocka_unit_test(test_nonsense),	cmocka_unit_test(test_confused),
		cmocka_unit_test(test_silent),		cmocka_unit_test(test_freed_early),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
