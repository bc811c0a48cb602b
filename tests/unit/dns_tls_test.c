// SPDX-License-Identifier: GPL-2.0-or-later
/* TLS between two boxes: who is believed and why not, what is said, and what strangers send. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tls.h"
#include "tls_fixture.h"

static struct authority ours, other;

/* Both ends, and whom the client asks for. */
struct talk {
	struct tls_credentials *trust, *identity;
	struct tls *client, *server;
};

static void talk_open(struct talk *talk, const struct wish *wish, const struct tls_peer *peer)
{
	_strbuf_ struct strbuf why = {0};
	struct pair pair;

	pair_make(&pair, wish);
	talk->trust = tls_trust_make(ours.pem, strlen(ours.pem));
	assert_non_null(talk->trust);
	talk->identity = tls_identity_make(pair.chain, pair.key, &why);
	assert_string_equal(strbuf_text(&why), "");
	talk->client = tls_client_make(talk->trust, peer);
	talk->server = tls_server_make(talk->identity, peer->alpn, true);
	assert_non_null(talk->client);
	assert_non_null(talk->server);
}

static void talk_close(struct talk *talk)
{
	tls_free(talk->client);
	tls_free(talk->server);
	tls_credentials_unref(talk->trust);
	tls_credentials_unref(talk->identity);
}

/* Whether anything went over. */
static bool carry(struct tls *from, struct tls *to)
{
	size_t n;
	_free_ __u8 *octets = tls_take(from, &n);

	if (octets)
		assert_int_equal(tls_put(to, octets, n), 0);
	return octets != NULL;
}

/* Until neither has anything to say. What the client comes to. */
static int shake(struct talk *talk)
{
	bool was_asked, was_answered;
	int ret;

	do {
		ret = tls_shake(talk->client);
		tls_shake(talk->server);
		was_asked = carry(talk->client, talk->server);
		was_answered = carry(talk->server, talk->client);
	} while (was_asked || was_answered);
	return ret;
}

static const struct tls_peer peer = {.name = "dns.example.net", .alpn = "dot"};

static void test_talk(void **state _unused_)
{
	const struct wish wish = {.name = peer.name, .from_s = -DAY, .until_s = DAY, .by = &ours};
	struct talk talk;
	__u8 got[64];

	talk_open(&talk, &wish, &peer);
	assert_int_equal(tls_read(talk.client, got, sizeof(got)), -EAGAIN);
	assert_int_equal(shake(&talk), 0);
	assert_true(tls_is_open(talk.client));
	assert_true(tls_is_open(talk.server));
	assert_int_equal(tls_write(talk.client, (const __u8 *)"question", 8), 0);
	carry(talk.client, talk.server);
	/* In parts: what is not wanted yet waits. */
	assert_int_equal(tls_read(talk.server, got, 5), 5);
	assert_int_equal(tls_read(talk.server, got + 5, sizeof(got) - 5), 3);
	assert_memory_equal(got, "question", 8);
	assert_int_equal(tls_read(talk.server, got, sizeof(got)), -EAGAIN);
	tls_bye(talk.client);
	carry(talk.client, talk.server);
	assert_int_equal(tls_read(talk.server, got, sizeof(got)), 0);
	talk_close(&talk);
}

/* More than a record, and more than a box begins with. */
static void test_much(void **state _unused_)
{
	const struct wish wish = {.name = peer.name, .from_s = -DAY, .until_s = DAY, .by = &ours};
	static __u8 said[100000], got[sizeof(said)];
	struct talk talk;
	size_t have = 0;

	for (size_t i = 0; i < sizeof(said); i++)
		said[i] = (__u8)(i * 7);
	talk_open(&talk, &wish, &peer);
	assert_int_equal(shake(&talk), 0);
	assert_int_equal(tls_write(talk.server, said, sizeof(said)), 0);
	carry(talk.server, talk.client);
	while (have < sizeof(got)) {
		ssize_t n = tls_read(talk.client, got + have, sizeof(got) - have);

		assert_true(n > 0);
		have += (size_t)n;
	}
	assert_memory_equal(said, got, sizeof(said));
	talk_close(&talk);
}

struct refusal {
	struct wish wish;
	struct tls_peer peer;
	const char *why; /* a part of it; NULL: it is believed */
};

/* RFC 8310 section 8.1: by name, or by address where that is all there is. */
static void test_who(void **state _unused_)
{
	const struct refusal cases[] = {
		{{"dns.example.net", NULL, -DAY, DAY, &ours}, peer, NULL},
		{{"*.example.net", NULL, -DAY, DAY, &ours}, peer, NULL},
		{{"dns.example.org", NULL, -DAY, DAY, &ours}, peer, "name"},
		{{NULL, NULL, -DAY, DAY, &ours}, peer, "name"},
		{{"dns.example.net", NULL, -2 * DAY, -DAY, &ours}, peer, "expired"},
		{{"dns.example.net", NULL, DAY, 2 * DAY, &ours}, peer, "not yet"},
		{{"dns.example.net", NULL, -DAY, DAY, &other}, peer, "issuer"},
		{{"dns.example.net", NULL, -DAY, DAY, NULL}, peer, "issuer"},
		{{NULL, "192.0.2.53", -DAY, DAY, &ours}, {"192.0.2.53", true, "dot", NULL}, NULL},
		{{"192.0.2.53", NULL, -DAY, DAY, &ours}, {"192.0.2.53", true, "dot", NULL}, "name"},
		{{NULL, "192.0.2.54", -DAY, DAY, &ours}, {"192.0.2.53", true, "dot", NULL}, "name"},
		{{"dns.example.net", NULL, -DAY, DAY, &ours},
		 {"192.0.2.53", true, "dot", NULL},
		 "name"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct talk talk;
		int ret;

		talk_open(&talk, &cases[i].wish, &cases[i].peer);
		ret = shake(&talk);
		if (cases[i].why) {
			assert_int_equal(ret, -EPROTO);
			assert_true(tls_is_untrusted(talk.client));
			if (!strstr(tls_fault(talk.client), cases[i].why))
				fail_msg("case %zu: %s", i, tls_fault(talk.client));
			/* And not one octet of ours is said there. */
			assert_false(tls_is_open(talk.client));
			assert_int_equal(tls_shake(talk.client), -EPROTO);
		} else {
			assert_int_equal(ret, 0);
			assert_string_equal(tls_fault(talk.client), "");
		}
		talk_close(&talk);
	}
}

/* Where a session went on, no certificate is sent; what the ticket is good for is the server's that gave it. */
static void test_resumed(void **state _unused_)
{
	const struct wish wish = {.name = peer.name, .from_s = -DAY, .until_s = DAY, .by = &ours};
	struct tls_ticket ticket = {0};
	struct tls_peer again = peer;
	struct talk talk;
	__u8 got[8];

	talk_open(&talk, &wish, &peer);
	assert_int_equal(shake(&talk), 0);
	assert_int_equal(tls_read(talk.client, got, sizeof(got)), -EAGAIN);
	tls_ticket_get(talk.client, &ticket);
	assert_true(ticket.length > 0);
	assert_false(tls_is_resumed(talk.client));
	tls_free(talk.client);
	tls_free(talk.server);
	again.ticket = &ticket;
	talk.client = tls_client_make(talk.trust, &again);
	talk.server = tls_server_make(talk.identity, peer.alpn, true);
	assert_int_equal(shake(&talk), 0);
	assert_true(tls_is_resumed(talk.client));
	talk_close(&talk);
	/* Another server, and nothing of the ticket is believed. */
	talk_open(&talk,
		  &(struct wish){
			  .name = "dns.example.org", .from_s = -DAY, .until_s = DAY, .by = &ours},
		  &again);
	assert_int_equal(shake(&talk), -EPROTO);
	talk_close(&talk);
	tls_ticket_fini(&ticket);
}

static void test_other_protocol(void **state _unused_)
{
	const struct wish wish = {.name = peer.name, .from_s = -DAY, .until_s = DAY, .by = &ours};
	struct talk talk;

	talk_open(&talk, &wish, &peer);
	tls_free(talk.server);
	talk.server = tls_server_make(talk.identity, "h2", true);
	assert_int_equal(shake(&talk), -EPROTO);
	assert_false(tls_is_open(talk.server));
	assert_non_null(strstr(tls_fault(talk.client), "the other end says"));
	talk_close(&talk);
}

static void test_strangers(void **state _unused_)
{
	static const char http[] = "GET / HTTP/1.1\r\n\r\n";
	const struct wish wish = {.name = peer.name, .from_s = -DAY, .until_s = DAY, .by = &ours};
	struct talk talk;
	size_t n;

	/* One that speaks plain, one that ends, one that breaks what is under way. */
	talk_open(&talk, &wish, &peer);
	tls_put(talk.server, (const __u8 *)http, sizeof(http) - 1);
	assert_int_equal(tls_shake(talk.server), -EPROTO);
	assert_string_not_equal(tls_fault(talk.server), "");
	talk_close(&talk);

	talk_open(&talk, &wish, &peer);
	assert_int_equal(tls_shake(talk.client), -EAGAIN);
	tls_put(talk.client, NULL, 0);
	assert_int_equal(tls_shake(talk.client), -EPROTO);
	assert_string_equal(tls_fault(talk.client), "the connection ended in the handshake");
	assert_false(tls_is_untrusted(talk.client));
	talk_close(&talk);

	talk_open(&talk, &wish, &peer);
	assert_int_equal(shake(&talk), 0);
	assert_int_equal(tls_write(talk.client, (const __u8 *)"question", 8), 0);
	{
		_free_ __u8 *octets = tls_take(talk.client, &n);
		__u8 got[16];

		octets[n - 1] ^= 1;
		tls_put(talk.server, octets, n);
		assert_int_equal(tls_read(talk.server, got, sizeof(got)), -EPROTO);
	}
	talk_close(&talk);
}

static void assert_identity(const struct wish *wish, const char *key, int expected_ret,
			    const char *expected)
{
	_strbuf_ struct strbuf why = {0};
	struct pair pair;
	__s64 until_s = 0;
	int ret;

	pair_make(&pair, wish);
	ret = tls_identity_check(&(struct tls_pair){pair.chain, key ? key : pair.key},
				 "dns.example.net", time(NULL), &until_s, &why);
	assert_int_equal(ret, expected_ret);
	if (*expected && !strstr(strbuf_text(&why), expected))
		fail_msg("%s instead of %s", strbuf_text(&why), expected);
	if (!*expected)
		assert_in_range(until_s, time(NULL) + wish->until_s - 60,
				time(NULL) + wish->until_s + 60);
}

static void test_identity(void **state _unused_)
{
	const struct wish wish = {"dns.example.net", NULL, -DAY, DAY, NULL};
	struct wish wrong = wish;
	struct pair pair;

	assert_identity(&wish, NULL, 0, "");
	pair_make(&pair, &wish);
	assert_identity(&wish, pair.key, -EINVAL, "key");
	wrong.until_s = -60;
	assert_identity(&wrong, NULL, -EKEYEXPIRED, "ended at");
	wrong = wish;
	wrong.from_s = 60 * 60;
	assert_identity(&wrong, NULL, -EKEYEXPIRED, "begins only at");
	wrong = wish;
	wrong.name = "dns.example.org";
	assert_identity(&wrong, NULL, -EINVAL, "not for dns.example.net");
	/* The time is not all that is wrong with it: waiting does not help. */
	wrong.until_s = -60;
	assert_identity(&wrong, NULL, -EINVAL, "not for dns.example.net");
}

static void test_no_trust(void **state _unused_)
{
	assert_null(tls_trust_make("", 0));
	assert_null(tls_trust_make("nothing", 7));
}

static int begin(void **state _unused_)
{
	assert_int_equal(tls_init(), 0);
	authority_make(&ours, "ours");
	authority_make(&other, "other");
	return 0;
}

static int end(void **state _unused_)
{
	authority_fini(&ours);
	authority_fini(&other);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_talk),
		cmocka_unit_test(test_much),
		cmocka_unit_test(test_who),
		cmocka_unit_test(test_resumed),
		cmocka_unit_test(test_other_protocol),
		cmocka_unit_test(test_strangers),
		cmocka_unit_test(test_identity),
		cmocka_unit_test(test_no_trust),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
