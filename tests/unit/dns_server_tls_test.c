// SPDX-License-Identifier: GPL-2.0-or-later
/* DNS over TLS and over HTTPS as clients use it, and as nobody should: real sockets on loopback, in the loop of this test. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "dns_tls_bench.h"

/* --- over TLS ---------------------------------------------------------------------------------------------- */

static void test_tls(void **state _unused_)
{
	struct octets ours_padded = asked("two.example.com", 1, true),
		      ours_plain = asked("two.example.com", 2, false),
		      theirs = asked("x.example.net", 3, true), got;
	struct bench bench;
	struct client client;

	bench_open(&bench, fake_honest);
	tls_open(&bench, &client);
	tls_ask(&client, &ours_padded);
	run_until(&bench.loop, &client.answers, 1);
	got = answer_take(&client);
	expect_answer(&got, 1);
	assert_int_equal(got.n, DNS_PAD_ANSWER);
	/* Who does not know EDNS cannot be sent any. */
	tls_ask(&client, &ours_plain);
	run_until(&bench.loop, &client.answers, 1);
	got = answer_take(&client);
	expect_answer(&got, 2);
	assert_true(got.n < 128);
	tls_ask(&client, &theirs);
	run_until(&bench.loop, &client.answers, 1);
	got = answer_take(&client);
	expect_answer(&got, 3);
	assert_int_equal(got.n, DNS_PAD_ANSWER);
	client_close(&bench, &client);
	bench_close(&bench);
}

/* What is known is not kept back by what is not; and more than may overlap is taken when there is room. */
static void test_tls_overlapping(void **state _unused_)
{
	enum { MORE = LIMIT_DNS_TCP_QUERIES + 8 };
	struct octets known = asked("two.example.com", 99, false), got;
	bool seen[MORE] = {false};
	struct bench bench;
	struct client client;

	bench_open(&bench, hold);
	tls_open(&bench, &client);
	for (unsigned int i = 0; i < 3; i++) {
		char name[32];
		struct octets o;

		snprintf(name, sizeof(name), "n%u.example.net", i);
		o = asked(name, i, false);
		tls_ask(&client, &o);
	}
	tls_ask(&client, &known);
	run_until(&bench.loop, &client.answers, 1);
	got = answer_take(&client);
	expect_answer(&got, 99);
	for (unsigned int i = 3; i < MORE; i++) {
		char name[32];
		struct octets o;

		snprintf(name, sizeof(name), "n%u.example.net", i);
		o = asked(name, i, false);
		tls_ask(&client, &o);
	}
	run_until(&bench.loop, &n_held, LIMIT_DNS_TCP_QUERIES);
	run_for(&bench.loop, 30);
	assert_int_equal(n_held, LIMIT_DNS_TCP_QUERIES);
	release();
	bench.fake.behave = fake_honest;
	run_until(&bench.loop, &client.answers, MORE);
	for (unsigned int i = 0; i < MORE; i++) {
		unsigned int id;

		got = answer_take(&client);
		id = dns_get16(got.at);
		assert_true(id < MORE && !seen[id]);
		seen[id] = true;
	}
	client_close(&bench, &client);
	bench_close(&bench);
}

/* A question in plain, at the port for those under TLS, is told nothing. */
static void test_not_tls(void **state _unused_)
{
	struct octets o = asked("two.example.com", 1, false);
	struct bench bench;
	struct client client;

	for (int i = 0; i < LISTENERS; i++) {
		bench_open(&bench, fake_honest);
		client_connect(&bench, &client, i, NULL);
		run_until(&bench.loop, &client.is_open, 1);
		tls_ask(&client, &o);
		run_until(&bench.loop, &client.is_over, 1);
		assert_int_equal(client.answers, 0);
		assert_int_equal(bench.server->n_connections, 0);
		client_close(&bench, &client);
		bench_close(&bench);
	}
}

/* Says nothing at all, and then nothing behind its handshake. */
static void test_silent(void **state _unused_)
{
	struct bench bench;
	struct client clients[2];

	bench_open(&bench, fake_honest);
	bench.server->idle_ms = 1500;
	bench.server->tls_idle_ms = 100;
	client_connect(&bench, &clients[0], TLS, NULL);
	tls_open(&bench, &clients[1]);
	run_until(&bench.loop, &clients[1].is_over, 1);
	assert_int_equal(clients[0].is_over, 0);
	run_until(&bench.loop, &clients[0].is_over, 1);
	assert_int_equal(bench.server->n_connections, 0);
	client_close(&bench, &clients[0]);
	client_close(&bench, &clients[1]);
	bench_close(&bench);
}

/* No browser's connection to a web server is taken for one of ours. */
static void test_other_protocol(void **state _unused_)
{
	struct bench bench;
	struct client client;

	bench_open(&bench, fake_honest);
	client_connect(&bench, &client, HTTPS, "http/1.1");
	run_until(&bench.loop, &client.is_over, 1);
	assert_int_equal(client.is_open, 0);
	client_close(&bench, &client);
	bench_close(&bench);
}

/* Without a certificate nobody is spoken to. */
static void test_no_identity(void **state _unused_)
{
	struct bench bench;
	struct client client;

	bench_open(&bench, fake_honest);
	dns_server_set_identity(bench.server, NULL);
	client_connect(&bench, &client, TLS, "dot");
	run_until(&bench.loop, &client.is_over, 1);
	assert_int_equal(client.is_open, 0);
	assert_int_equal(bench.server->n_connections, 0);
	client_close(&bench, &client);
	bench_close(&bench);
}

static void test_client_limit(void **state _unused_)
{
	static struct client clients[LIMIT_DNS_TCP_PER_CLIENT + 1];
	struct client *last = &clients[LIMIT_DNS_TCP_PER_CLIENT];
	struct bench bench;

	bench_open(&bench, fake_honest);
	for (unsigned int i = 0; i < LIMIT_DNS_TCP_PER_CLIENT; i++)
		tls_open(&bench, &clients[i]);
	client_connect(&bench, last, TLS, "dot");
	run_until(&bench.loop, &last->is_over, 1);
	assert_int_equal(last->is_open, 0);
	assert_int_equal(bench.server->n_connections, LIMIT_DNS_TCP_PER_CLIENT);
	for (unsigned int i = 0; i <= LIMIT_DNS_TCP_PER_CLIENT; i++)
		client_close(&bench, &clients[i]);
	bench_close(&bench);
}

/* --- over HTTPS -------------------------------------------------------------------------------------------- */

static unsigned int number(const uint8_t *value, size_t length)
{
	char text[16];

	snprintf(text, sizeof(text), "%.*s", (int)length, (const char *)value);
	return (unsigned int)strtoul(text, NULL, 10);
}

/* lint: callback */
static int header_came(nghttp2_session *h2, const nghttp2_frame *frame, const uint8_t *name,
		       size_t name_length, const uint8_t *value, size_t length,
		       uint8_t flags _unused_, void *data _unused_)
{
	struct reply *reply = nghttp2_session_get_stream_user_data(h2, frame->hd.stream_id);

	if (!reply)
		return 0;
	if (name_length == 7 && !memcmp(name, ":status", 7))
		reply->status = number(value, length);
	else if (name_length == 12 && !memcmp(name, "content-type", 12))
		reply->is_dns = h2_is_type(value, length, TYPE);
	else if (name_length == 13 && !memcmp(name, "cache-control", 13))
		reply->age_s = number(value + 8, length - 8);
	return 0;
}

/* lint: callback */
static int body_came(nghttp2_session *h2, uint8_t flags _unused_, int32_t stream,
		     const uint8_t *octets, size_t n, void *data _unused_)
{
	struct reply *reply = nghttp2_session_get_stream_user_data(h2, stream);

	octets_add(&reply->body, octets, n);
	return 0;
}

static int stream_gone(nghttp2_session *h2, int32_t stream, uint32_t error, void *data _unused_)
{
	struct reply *reply = nghttp2_session_get_stream_user_data(h2, stream);

	if (!reply)
		return 0;
	reply->is_done = 1;
	reply->is_reset = error != NGHTTP2_NO_ERROR;
	return 0;
}

/* @window: octets of an answer that are fetched at once. */
static void https_open(struct bench *bench, struct client *client, unsigned int window)
{
	const nghttp2_settings_entry settings[] = {{NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, window}};
	nghttp2_session_callbacks *callbacks;

	client_connect(bench, client, HTTPS, "h2");
	assert_int_equal(nghttp2_session_callbacks_new(&callbacks), 0);
	nghttp2_session_callbacks_set_on_header_callback(callbacks, header_came);
	nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, body_came);
	nghttp2_session_callbacks_set_on_stream_close_callback(callbacks, stream_gone);
	assert_int_equal(nghttp2_session_client_new(&client->h2, callbacks, client), 0);
	nghttp2_session_callbacks_del(callbacks);
	assert_int_equal(nghttp2_submit_settings(client->h2, NGHTTP2_FLAG_NONE, settings, 1), 0);
	run_until(&bench->loop, &client->is_open, 1);
}

/* What is sent. */
struct request {
	const char *method, *path, *type;
	const struct octets *body; /* NULL: none */
	size_t times; /* that the body is sent */
	bool is_unfinished; /* more of it is to come, and never does */
};

/* lint: callback */
static ssize_t body_read(nghttp2_session *h2 _unused_, int32_t stream _unused_, uint8_t *to,
			 size_t room, uint32_t *flags, nghttp2_data_source *source,
			 void *data _unused_)
{
	struct request *request = source->ptr;

	if (!request->times)
		return NGHTTP2_ERR_DEFERRED;
	assert_true(request->body->n <= room);
	memcpy(to, request->body->at, request->body->n);
	if (!--request->times && !request->is_unfinished)
		*flags |= NGHTTP2_DATA_FLAG_EOF;
	return (ssize_t)request->body->n;
}

/* Begun; @request has to last until it is sent, which is now but for long ones. */
static __s32 https_begin(struct client *client, struct request *request, struct reply *reply)
{
	const nghttp2_data_provider body = {.source.ptr = request, .read_callback = body_read};
	const nghttp2_nv headers[] = {
		h2_header(":method", request->method),
		h2_header(":scheme", "https"),
		h2_header(":authority", NAME),
		h2_header(":path", request->path),
		h2_header("content-type", request->type ? request->type : ""),
	};
	__s32 stream;

	*reply = (struct reply){0};
	stream = nghttp2_submit_request(client->h2, NULL, headers, request->type ? 5 : 4,
					request->body ? &body : NULL, reply);
	assert_true(stream > 0);
	assert_int_equal(h2_send(client->h2, &client->stream), 0);
	return stream;
}

static struct reply https_ask(struct bench *bench, struct client *client, struct request request)
{
	struct reply reply;

	https_begin(client, &request, &reply);
	run_until(&bench->loop, &reply.is_done, 1);
	return reply;
}

static void test_https(void **state _unused_)
{
	/* two.example.com, A, id 0. */
	static const char get[] = "/dns-query?x=y&dns=AAABAAABAAAAAAAAA3R3bwdleGFtcGxlA2NvbQAAAQAB";
	struct octets known = asked("two.example.com", 0, true),
		      theirs = asked("x.example.net", 7, true);
	struct bench bench;
	struct client client;
	struct reply reply;

	bench_open(&bench, fake_honest);
	https_open(&bench, &client, 65535);
	reply = https_ask(&bench, &client, (struct request){"POST", "/dns-query", TYPE, &known, 1});
	assert_int_equal(reply.status, 200);
	assert_true(reply.is_dns && !reply.is_reset);
	assert_int_equal(reply.age_s, 60);
	assert_int_equal(reply.body.n, DNS_PAD_ANSWER);
	expect_answer(&reply.body, 0);
	reply = https_ask(&bench, &client, (struct request){"GET", get, NULL, NULL, 0});
	assert_int_equal(reply.status, 200);
	assert_true(reply.is_dns);
	expect_answer(&reply.body, 0);
	reply = https_ask(&bench, &client,
			  (struct request){"POST", "/dns-query", TYPE, &theirs, 1});
	assert_int_equal(reply.status, 200);
	assert_int_equal(reply.age_s, 300);
	expect_answer(&reply.body, 7);
	client_close(&bench, &client);
	bench_close(&bench);
}

static void test_https_refused(void **state _unused_)
{
	const struct octets query = asked("two.example.com", 0, false), shorter = {.n = 11};
	struct octets answer = query, large = {.n = 4000};
	const struct {
		struct request request;
		unsigned int status;
	} rows[] = {
		{{"POST", "/", TYPE, &query, 1}, 404},
		{{"POST", "/dns-queryx", TYPE, &query, 1}, 404},
		{{"GET", "/dns-quer", NULL, NULL, 0}, 404},
		{{"PUT", "/dns-query", TYPE, &query, 1}, 405},
		{{"HEAD", "/dns-query?dns=AAAA", NULL, NULL, 0}, 405},
		{{"POST", "/dns-query", "text/plain", &query, 1}, 415},
		{{"POST", "/dns-query", NULL, &query, 1}, 415},
		{{"POST", "/dns-query", TYPE, &large, 2}, 413},
		{{"POST", "/dns-query", TYPE, &shorter, 1}, 400},
		{{"POST", "/dns-query", TYPE, &answer, 1}, 400},
		{{"POST", "/dns-query", TYPE, NULL, 0}, 400},
		{{"POST", "/dns-query?dns=AAABAAABAAAAAAAAA3R3bwdleGFtcGxlA2NvbQAAAQAB", TYPE, NULL,
		  0},
		 400},
		{{"GET", "/dns-query", NULL, NULL, 0}, 400},
		{{"GET", "/dns-query?", NULL, NULL, 0}, 400},
		{{"GET", "/dns-query?DNS=AAABAAABAAAAAAAAA3R3bwdleGFtcGxlA2NvbQAAAQAB", NULL, NULL,
		  0},
		 400},
		{{"GET", "/dns-query?dns=AAABAAABAAAAAAAAA3R3bwdleGFtcGxlA2NvbQAAAQAB=", NULL, NULL,
		  0},
		 400},
		{{"GET", "/dns-query?dns=A", NULL, NULL, 0}, 400},
	};
	struct bench bench;
	struct client client;

	answer.at[2] |= DNS_QR >> 8;
	bench_open(&bench, fake_honest);
	https_open(&bench, &client, 65535);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct reply reply = https_ask(&bench, &client, rows[i].request);

		if (reply.status != rows[i].status || reply.body.n)
			fail_msg("%s %s: %u", rows[i].request.method, rows[i].request.path,
				 reply.status);
	}
	/* And it is still asked on the same connection. */
	assert_int_equal(
		https_ask(&bench, &client, (struct request){"POST", "/dns-query", TYPE, &query, 1})
			.status,
		200);
	client_close(&bench, &client);
	bench_close(&bench);
}

/* What is known is not kept back; what is given up while it waits is nobody's; and who leaves while it waits takes nothing along. */
static void test_https_overlapping(void **state _unused_)
{
	struct octets slow = asked("x.example.net", 0, false),
		      slower = asked("y.example.net", 0, false),
		      known = asked("two.example.com", 0, false);
	struct request first = {"POST", "/dns-query", TYPE, &slow, 1},
		       second = {"POST", "/dns-query", TYPE, &slower, 1};
	struct reply given_up, late;
	struct bench bench;
	struct client client;
	__s32 stream;

	bench_open(&bench, hold);
	https_open(&bench, &client, 65535);
	stream = https_begin(&client, &first, &given_up);
	https_begin(&client, &second, &late);
	assert_int_equal(
		https_ask(&bench, &client, (struct request){"POST", "/dns-query", TYPE, &known, 1})
			.status,
		200);
	run_until(&bench.loop, &n_held, 2);
	nghttp2_submit_rst_stream(client.h2, NGHTTP2_FLAG_NONE, stream, NGHTTP2_CANCEL);
	assert_int_equal(h2_send(client.h2, &client.stream), 0);
	assert_int_equal(late.is_done, 0);
	run_for(&bench.loop, 20);
	release();
	run_until(&bench.loop, &late.is_done, 1);
	assert_int_equal(late.status, 200);
	assert_true(given_up.is_reset && !given_up.status);

	first.times = 1;
	slow = asked("z.example.net", 0, false);
	https_begin(&client, &first, &given_up);
	run_until(&bench.loop, &n_held, 1);
	client_close(&bench, &client);
	run_for(&bench.loop, 20);
	release();
	while (bench.server->n_connections)
		run_for(&bench.loop, 10);
	bench_close(&bench);
}

/* Begun and given up again and again, faster than upstream answers: so many wait, and no more. */
static void test_https_rapid_reset(void **state _unused_)
{
	static struct reply replies[200];
	struct bench bench;
	struct client client;

	bench_open(&bench, hold);
	https_open(&bench, &client, 65535);
	for (unsigned int i = 0; i < ARRAY_SIZE(replies) && !client.is_over; i++) {
		char name[32];
		struct octets o;
		struct request request = {"POST", "/dns-query", TYPE, &o, 1};
		__s32 stream;

		snprintf(name, sizeof(name), "n%u.example.net", i);
		o = asked(name, 0, false);
		stream = https_begin(&client, &request, &replies[i]);
		nghttp2_submit_rst_stream(client.h2, NGHTTP2_FLAG_NONE, stream, NGHTTP2_CANCEL);
		assert_int_equal(h2_send(client.h2, &client.stream), 0);
	}
	run_until(&bench.loop, &n_held, LIMIT_DNS_TCP_QUERIES);
	run_for(&bench.loop, 50);
	assert_int_equal(n_held, LIMIT_DNS_TCP_QUERIES);
	bench.fake.behave = fake_honest;
	release();
	client_close(&bench, &client);
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

/* Asks for much and fetches nothing of it: it is ended before the answers fill our memory. */
static void test_https_not_fetching(void **state _unused_)
{
	static struct reply replies[LIMIT_DNS_TCP_QUERIES];
	struct octets o = query_make("large.example.net", DNS_TXT);
	struct bench bench;
	struct client client;

	bench_open(&bench, fake_honest);
	learn_large(&bench);
	https_open(&bench, &client, 0);
	for (unsigned int i = 0; i < ARRAY_SIZE(replies); i++) {
		struct request request = {"POST", "/dns-query", TYPE, &o, 1};

		https_begin(&client, &request, &replies[i]);
	}
	run_until(&bench.loop, &client.is_over, 1);
	assert_int_equal(bench.server->n_connections, 0);
	client_close(&bench, &client);
	bench_close(&bench);
}

/* Whoever is gone takes no place: neither with a request that will never be whole, nor with an answer that nobody will fetch. */
static void test_https_gone(void **state _unused_)
{
	struct octets o = asked("two.example.com", 0, false);
	const unsigned int windows[] = {65535, 0};

	for (size_t i = 0; i < ARRAY_SIZE(windows); i++) {
		/* The first never says the rest of it. */
		struct request request = {"POST", "/dns-query", TYPE, &o, 1, !i};
		struct bench bench;
		struct client client;
		struct reply reply;

		bench_open(&bench, fake_honest);
		https_open(&bench, &client, windows[i]);
		https_begin(&client, &request, &reply);
		run_for(&bench.loop, 50);
		assert_int_equal(bench.server->n_connections, 1);
		client_close(&bench, &client);
		for (int k = 0; k < 200 && bench.server->n_connections; k++)
			run_for(&bench.loop, 10);
		assert_int_equal(bench.server->n_connections, 0);
		bench_close(&bench);
	}
}

/* No preface of HTTP/2. */
static void test_https_garbage(void **state _unused_)
{
	static const __u8 text[] = "GET /dns-query HTTP/1.1\r\nHost: dns.example.net\r\n\r\n";
	struct bench bench;
	struct client client;

	bench_open(&bench, fake_honest);
	client_connect(&bench, &client, HTTPS, "h2");
	run_until(&bench.loop, &client.is_open, 1);
	assert_int_equal(stream_write(&client.stream, text, sizeof(text) - 1), 0);
	run_until(&bench.loop, &client.is_over, 1);
	assert_int_equal(bench.server->n_connections, 0);
	client_close(&bench, &client);
	bench_close(&bench);
}

/* --- listeners replaced ------------------------------------------------------------------------------------- */

/* Who waits is answered, then it is over; who comes meets the new ones. */
static void test_replaced(void **state _unused_)
{
	struct octets slow = asked("x.example.net", 1, false),
		      other = asked("y.example.net", 2, false);
	struct request request = {"POST", "/dns-query", TYPE, &slow, 1};
	struct bench bench;
	struct client https, tls, later;
	struct reply reply;

	bench_open(&bench, hold);
	https_open(&bench, &https, 65535);
	tls_open(&bench, &tls);
	https_begin(&https, &request, &reply);
	tls_ask(&tls, &other);
	run_until(&bench.loop, &n_held, 2);
	listen_anew(&bench);
	run_for(&bench.loop, 20);
	assert_int_equal(https.is_over + tls.is_over, 0);
	release();
	run_until(&bench.loop, &reply.is_done, 1);
	assert_int_equal(reply.status, 200);
	run_until(&bench.loop, &tls.answers, 1);
	run_until(&bench.loop, &https.is_over, 1);
	run_until(&bench.loop, &tls.is_over, 1);
	assert_int_equal(bench.server->n_connections, 0);
	tls_open(&bench, &later);
	client_close(&bench, &https);
	client_close(&bench, &tls);
	client_close(&bench, &later);
	bench_close(&bench);
}

static int authority_up(void **state _unused_)
{
	/* As the process has it: either end may be gone when the other writes. */
	signal(SIGPIPE, SIG_IGN);
	assert_int_equal(tls_init(), 0);
	authority_make(&ours, "ours");
	return 0;
}

static int authority_down(void **state _unused_)
{
	authority_fini(&ours);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_tls),
		cmocka_unit_test(test_tls_overlapping),
		cmocka_unit_test(test_not_tls),
		cmocka_unit_test(test_silent),
		cmocka_unit_test(test_other_protocol),
		cmocka_unit_test(test_no_identity),
		cmocka_unit_test(test_client_limit),
		cmocka_unit_test(test_https),
		cmocka_unit_test(test_https_refused),
		cmocka_unit_test(test_https_overlapping),
		cmocka_unit_test(test_https_rapid_reset),
		cmocka_unit_test(test_https_not_fetching),
		cmocka_unit_test(test_https_gone),
		cmocka_unit_test(test_https_garbage),
		cmocka_unit_test(test_replaced),
	};

	return cmocka_run_group_tests(tests, authority_up, authority_down);
}
