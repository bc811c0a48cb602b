// SPDX-License-Identifier: GPL-2.0-or-later
/* An upstream that is asked over HTTPS and is no good: what it says costs its own answers, and never more than that. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <hairpin/limits.h>
#include <nghttp2/nghttp2.h>
#include <signal.h>

#include "cleanup.h"
#include "dns_fake.h"
#include "h2.h"
#include "tls_fixture.h"
#include "upstream.h"

#define NAME "dns.example.net"
#define TYPE "application/dns-message"

static struct authority ours;

/* --- a server of HTTP/2 that does as it is told -------------------------------------------------------------------- */

struct client;

struct server {
	uv_loop_t *loop;
	uv_tcp_t tcp;
	__u16 port;
	struct tls_credentials *identity;
	void (*behave)(struct client *client, __s32 stream);
	unsigned int connections, open, asked;
	unsigned int window; /* that it gives for questions */
};

struct client {
	struct stream stream;
	struct server *server;
	nghttp2_session *h2;
	struct octets question; /* the last one that is whole */
	unsigned int asked;
	/* Its answer. */
	__u8 body[70000];
	size_t n, at;
	bool is_flooding;
};

/* lint: callback */
static ssize_t body_read(nghttp2_session *h2 _unused_, int32_t stream _unused_, uint8_t *to,
			 size_t room, uint32_t *flags, nghttp2_data_source *source,
			 void *data _unused_)
{
	struct client *client = source->ptr;
	size_t n = client->n - client->at;

	if (n > room)
		n = room;
	memcpy(to, client->body + client->at, n);
	client->at += n;
	if (client->at == client->n)
		*flags |= NGHTTP2_DATA_FLAG_EOF;
	return (ssize_t)n;
}

static void respond(struct client *client, __s32 stream, const char *status, const char *type)
{
	const nghttp2_data_provider body = {.source.ptr = client, .read_callback = body_read};
	const nghttp2_nv headers[] = {h2_header(":status", status),
				      h2_header("content-type", type)};

	client->at = 0;
	assert_int_equal(nghttp2_submit_response(client->h2, stream, headers, 2, &body), 0);
}

static void answer_make(struct client *client)
{
	struct fake fake = {.address = "192.0.2.1"};
	const struct fake_question fq = {.fake = &fake, .message = client->question};
	struct octets o = fake_answer(&fq);

	memcpy(client->body, o.at, o.n);
	client->n = o.n;
}

static void honest(struct client *client, __s32 stream)
{
	answer_make(client);
	respond(client, stream, "200", TYPE);
}

static void other_type(struct client *client, __s32 stream)
{
	answer_make(client);
	respond(client, stream, "200", "text/html; charset=utf-8");
}

static void not_found(struct client *client, __s32 stream)
{
	answer_make(client);
	respond(client, stream, "404", TYPE);
}

static void large(struct client *client, __s32 stream)
{
	answer_make(client);
	client->n = sizeof(client->body);
	respond(client, stream, "200", TYPE);
}

static void empty(struct client *client, __s32 stream)
{
	client->n = 0;
	respond(client, stream, "200", TYPE);
}

static void reset(struct client *client, __s32 stream)
{
	nghttp2_submit_rst_stream(client->h2, NGHTTP2_FLAG_NONE, stream, NGHTTP2_INTERNAL_ERROR);
}

/* Half of it, and then no more of this. */
static void broken_off(struct client *client, __s32 stream)
{
	const nghttp2_nv headers[] = {h2_header(":status", "200"), h2_header("content-type", TYPE),
				      h2_header("content-length", "500")};
	const nghttp2_data_provider body = {.source.ptr = client, .read_callback = body_read};

	answer_make(client);
	client->at = 0;
	assert_int_equal(nghttp2_submit_response(client->h2, stream, headers, 3, &body), 0);
}

/* "I have seen nothing of it, and take no more." */
static void going(struct client *client, __s32 stream _unused_)
{
	nghttp2_submit_goaway(client->h2, NGHTTP2_FLAG_NONE, 0, NGHTTP2_NO_ERROR, NULL, 0);
}

/* The first of each connection is answered, the second meets the end. */
static void going_later(struct client *client, __s32 stream)
{
	if (client->asked == 1)
		honest(client, stream);
	else
		nghttp2_submit_goaway(client->h2, NGHTTP2_FLAG_NONE, 1, NGHTTP2_NO_ERROR, NULL, 0);
}

static void silent(struct client *client _unused_, __s32 stream _unused_)
{
}

/* A header that never ends: as much again whenever it is through. */
static void flood(struct client *client)
{
	static const __u8 header[] = {0, 1, 'x', 0};
	static __u8 frame[9 + 16384];
	bool is_first = !client->is_flooding;

	client->is_flooding = true;
	frame[1] = 16384 >> 8;
	frame[3] = is_first ? NGHTTP2_HEADERS : NGHTTP2_CONTINUATION;
	frame[8] = 1;
	/* ":status: 200" of the static table, and from then on a header without a name in the table that is never indexed. */
	memset(frame + 9, 0, 16384);
	for (size_t i = 9; i + 4 <= sizeof(frame); i += 4)
		memcpy(frame + i, header, sizeof(header));
	if (is_first)
		memset(frame + 9, 0x88, 4);
	stream_write(&client->stream, frame, sizeof(frame));
}

static void endless(struct client *client, __s32 stream _unused_)
{
	flood(client);
}

/* --- its connections ---------------------------------------------------------------------------------------------- */

/* lint: callback */
static int body_came(nghttp2_session *h2 _unused_, uint8_t flags _unused_, int32_t stream _unused_,
		     const uint8_t *octets, size_t n, void *data)
{
	octets_add(&((struct client *)data)->question, octets, n);
	return 0;
}

static int frame_came(nghttp2_session *h2 _unused_, const nghttp2_frame *frame, void *data)
{
	struct client *client = data;

	if (frame->hd.type == NGHTTP2_HEADERS)
		client->question.n = 0;
	if (frame->hd.type != NGHTTP2_DATA || !(frame->hd.flags & NGHTTP2_FLAG_END_STREAM))
		return 0;
	client->asked++;
	client->server->asked++;
	client->server->behave(client, frame->hd.stream_id);
	return 0;
}

static void session_make(struct client *client)
{
	const nghttp2_settings_entry settings[] = {
		{NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, client->server->window}};
	nghttp2_session_callbacks *callbacks;

	assert_int_equal(nghttp2_session_callbacks_new(&callbacks), 0);
	nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, body_came);
	nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks, frame_came);
	assert_int_equal(nghttp2_session_server_new(&client->h2, callbacks, client), 0);
	nghttp2_session_callbacks_del(callbacks);
	assert_int_equal(nghttp2_submit_settings(client->h2, NGHTTP2_FLAG_NONE, settings, 1), 0);
}

static void client_ready(struct stream *stream)
{
	struct client *client = (struct client *)stream;

	if (!client->h2)
		session_make(client);
	if (h2_receive(client->h2, stream) || (!client->is_flooding && h2_send(client->h2, stream)))
		stream_close(stream);
}

static void client_sent(struct stream *stream)
{
	struct client *client = (struct client *)stream;

	if (client->is_flooding)
		flood(client);
}

static void client_broken(struct stream *stream)
{
	stream_close(stream);
}

static void client_closed(struct stream *stream)
{
	struct client *client = (struct client *)stream;

	nghttp2_session_del(client->h2);
	client->server->open--;
	free(client);
}

static const struct stream_events client_events = {.ready = client_ready,
						   .sent = client_sent,
						   .broken = client_broken,
						   .closed = client_closed};

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
	stream_secure(&client->stream, tls_server_make(client->server->identity, "h2", true));
}

static void server_open(struct server *server, uv_loop_t *loop)
{
	const struct wish wish = {.name = NAME, .from_s = -DAY, .until_s = DAY, .by = &ours};
	_strbuf_ struct strbuf why = {0};
	struct pair pair;
	int udp, tcp;

	*server = (struct server){.loop = loop, .window = 65535};
	pair_make(&pair, &wish);
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

static void bench_open(struct bench *bench, void (*behave)(struct client *client, __s32 stream))
{
	struct dns_upstream_conf conf = {
		.kind = DNS_UPSTREAM_HTTPS, .name = NAME, .path = "/dns-query"};

	*bench = (struct bench){0};
	assert_int_equal(uv_loop_init(&bench->loop), 0);
	server_open(&bench->server, &bench->loop);
	bench->server.behave = behave;
	assert_int_equal(ip_addr_parse("127.0.0.1", &conf.addr), 0);
	conf.port = bench->server.port;
	bench->trust = tls_trust_make(ours.pem, strlen(ours.pem));
	bench->upstreams = dns_upstreams_make(&bench->loop, &conf, 1);
	assert_non_null(bench->upstreams);
	dns_upstreams_set_trust(bench->upstreams, bench->trust);
}

/* Also says that nothing stays open. */
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

/* Whether it is answered; that it is called at all is asserted. */
static bool ask(struct bench *bench, const char *name)
{
	struct octets o = query_make(name, DNS_A);
	unsigned int called = bench->called, answered = bench->answered;
	struct dns_query query;

	assert_int_equal(dns_query_parse(o.at, o.n, &query), 0);
	uv_update_time(&bench->loop);
	assert_int_equal(dns_upstreams_ask(bench->upstreams, &query,
					   (struct dns_asker){.replied = replied, .data = bench}),
			 0);
	run_until(&bench->loop, &bench->called, called + 1);
	return bench->answered > answered;
}

/* What a stream of its says ends that question alone: on the same connection the next one is answered. */
static void test_one_answer(void **state _unused_)
{
	static const struct {
		void (*behave)(struct client *client, __s32 stream);
		const char *fault;
	} cases[] = {
		{other_type, "what it answers is not " TYPE},
		{not_found, "HTTP status 404"},
		{large, "its answer was cut short"},
		{empty, "its answers cannot be read"},
		{reset, "its answer was cut short"},
		{broken_off, "its answer was cut short"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct bench bench;

		bench_open(&bench, cases[i].behave);
		assert_false(ask(&bench, "a.example"));
		assert_string_equal(dns_upstreams_stats(bench.upstreams, 0).fault, cases[i].fault);
		bench.server.behave = honest;
		assert_true(ask(&bench, "b.example"));
		assert_string_equal(dns_upstreams_stats(bench.upstreams, 0).fault, "");
		assert_int_equal(bench.server.connections, 1);
		bench_close(&bench);
	}
}

/* A server that is started anew says so to those who are there: what it had not seen is asked again, and nobody misses an answer. */
static void test_going(void **state _unused_)
{
	struct bench bench;

	bench_open(&bench, going_later);
	assert_true(ask(&bench, "a.example"));
	assert_true(ask(&bench, "b.example"));
	assert_true(ask(&bench, "c.example"));
	assert_int_equal(bench.server.connections, 3);
	bench_close(&bench);
}

/* One that does so always is not asked again and again. */
static void test_always_going(void **state _unused_)
{
	struct bench bench;

	bench_open(&bench, going);
	assert_false(ask(&bench, "a.example"));
	assert_in_range(bench.server.connections, 1, LIMIT_DNS_TRIES);
	bench.server.behave = honest;
	assert_true(ask(&bench, "b.example"));
	bench_close(&bench);
}

/* No room for a question once the server has said so: it comes to its end all the same, and so does the connection. */
static void test_no_window(void **state _unused_)
{
	struct bench bench;

	bench_open(&bench, honest);
	bench.server.window = 0;
	assert_true(ask(&bench, "a.example"));
	bench.server.behave = silent;
	ask(&bench, "b.example");
	assert_in_range(bench.server.connections, 2, 1 + LIMIT_DNS_TRIES);
	bench.server.behave = honest;
	bench.server.window = 65535;
	/* That one is full, too, and left for another when it has been silent for long enough. */
	while (!ask(&bench, "c.example"))
		assert_in_range(bench.server.connections, 2, 8);
	bench_close(&bench);
}

static void test_endless_header(void **state _unused_)
{
	struct bench bench;

	bench_open(&bench, endless);
	assert_false(ask(&bench, "a.example"));
	for (int i = 0; i < 400 && bench.server.open; i++)
		run_for(&bench.loop, 10);
	assert_int_equal(bench.server.open, 0);
	bench.server.behave = honest;
	assert_true(ask(&bench, "b.example"));
	bench_close(&bench);
}

static int begin(void **state _unused_)
{
	/* As the process has it: either end may be gone when the other writes. */
	signal(SIGPIPE, SIG_IGN);
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
		cmocka_unit_test(test_one_answer),     cmocka_unit_test(test_going),
		cmocka_unit_test(test_always_going),   cmocka_unit_test(test_no_window),
		cmocka_unit_test(test_endless_header),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
