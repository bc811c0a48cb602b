// SPDX-License-Identifier: GPL-2.0-or-later
/* What a machine and its gateway say to each other: an answer counts for one question, one gateway and one text. */
#include "hosts_wire.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include <hairpin/limits.h>

#define LINES "192.168.11.20 app.example.com\nfd00::20 app.example.com\n"

struct world {
	struct hosts_key *key, *other;
	char folder[32];
};

static struct world world;

static struct hosts_asked asked_make(__u8 nonce)
{
	struct hosts_asked asked = {.key = hosts_key_public(world.key)};

	memset(asked.nonce, nonce, sizeof(asked.nonce));
	assert_int_equal(ip_addr_parse("192.168.11.1", &asked.gateway), 0);
	return asked;
}

/* What the gateway answers. */
static void answer_write(const struct hosts_key *key, const struct hosts_asked *asked,
			 const char *lines, struct strbuf *out)
{
	struct hosts_names names = {0};
	struct hosts_statement statement;
	struct hosts_answer_head head;
	__u8 signature[HOSTS_SIGNATURE_BYTES];

	strbuf_add(&names.lines, "%s", lines);
	assert_int_equal(hosts_names_finish(&names), 0);
	hosts_statement_make(asked, &names, &statement);
	assert_int_equal(hosts_key_sign(key, &statement, sizeof(statement), signature), 0);
	hosts_answer_head_make(hosts_key_public(key), signature, names.lines.length, &head);
	strbuf_add_bytes(out, &head, sizeof(head));
	strbuf_add_bytes(out, strbuf_text(&names.lines), names.lines.length);
	strbuf_fini(&names.lines);
}

static int judge(const struct strbuf *octets, const struct hosts_asked *asked)
{
	struct hosts_answer answer;
	int ret = hosts_answer_read(octets->text, octets->length, &answer);

	return ret ? ret : hosts_answer_check(&answer, asked);
}

static void test_request(void **state _unused_)
{
	struct hosts_asked asked = asked_make(7);
	struct hosts_request request, back;
	__u8 octets[sizeof(request) + 1] = {0};

	hosts_request_make(asked.nonce, &request);
	memcpy(octets, &request, sizeof(request));
	for (size_t n = 0; n < sizeof(request); n++)
		assert_int_equal(hosts_request_read(octets, n, &back), -EAGAIN);
	assert_int_equal(hosts_request_read(octets, sizeof(request), &back), 0);
	assert_memory_equal(back.nonce, asked.nonce, HOSTS_NONCE_BYTES);
	assert_int_equal(hosts_request_read(octets, sizeof(octets), &back), -EPROTO);
	for (size_t i = 0; i < 8; i++) {
		octets[i] ^= 0x20;
		assert_int_equal(hosts_request_read(octets, sizeof(request), &back), -EPROTO);
		octets[i] ^= 0x20;
	}
}

static void test_answer(void **state _unused_)
{
	struct hosts_asked asked = asked_make(7);
	_strbuf_ struct strbuf octets = {0};
	struct hosts_answer answer;

	answer_write(world.key, &asked, LINES, &octets);
	for (size_t n = 0; n < octets.length; n++)
		assert_int_equal(hosts_answer_read(octets.text, n, &answer), -EAGAIN);
	assert_int_equal(hosts_answer_read(octets.text, octets.length, &answer), 0);
	assert_int_equal(answer.length, strlen(LINES));
	assert_memory_equal(answer.lines, LINES, strlen(LINES));
	assert_int_equal(hosts_answer_check(&answer, &asked), 0);
	/* At the first time any key will do, if it is the signer's. */
	asked.key = NULL;
	assert_int_equal(hosts_answer_check(&answer, &asked), 0);
	strbuf_add(&octets, "x");
	assert_int_equal(hosts_answer_read(octets.text, octets.length, &answer), -EMSGSIZE);
}

/* No octet of it may be another. */
static void test_forged(void **state _unused_)
{
	struct hosts_asked asked = asked_make(7);
	_strbuf_ struct strbuf octets = {0};

	answer_write(world.key, &asked, LINES, &octets);
	for (size_t i = 0; i < octets.length; i++) {
		octets.text[i] = (char)(octets.text[i] ^ 1);
		if (judge(&octets, &asked) >= 0)
			fail_msg("octet %zu may be another", i);
		octets.text[i] = (char)(octets.text[i] ^ 1);
	}
	assert_int_equal(judge(&octets, &asked), 0);
}

static void test_other_question(void **state _unused_)
{
	struct hosts_asked asked = asked_make(7), later = asked_make(8), elsewhere = asked_make(7);
	_strbuf_ struct strbuf octets = {0}, other = {0}, bare = {0};

	answer_write(world.key, &asked, LINES, &octets);
	/* Played back; and passed on from another address of the same gateway. */
	assert_int_equal(judge(&octets, &later), -EBADMSG);
	assert_int_equal(ip_addr_parse("192.168.12.1", &elsewhere.gateway), 0);
	assert_int_equal(judge(&octets, &elsewhere), -EBADMSG);
	/* Another gateway, and one that says it were this one. */
	answer_write(world.other, &asked, LINES, &other);
	assert_int_equal(judge(&other, &asked), -EKEYREJECTED);
	memcpy(other.text + offsetof(struct hosts_answer_head, key), hosts_key_public(world.key),
	       HOSTS_KEY_BYTES);
	assert_int_equal(judge(&other, &asked), -EBADMSG);
	/* No names at all is an answer. */
	answer_write(world.key, &asked, "", &bare);
	assert_int_equal(judge(&bare, &asked), 0);
}

static void test_lines(void **state _unused_)
{
	static const struct {
		const char *text;
		size_t length;
	} wrong[] = {
		{"192.168.11.20 app", 17},
		{"192.168.11.20  app\n", 19},
		{"192.168.11.20 app web\n", 22},
		{"192.168.11.20\tapp\n", 18},
		{"192.168.11.20 app\r\n", 19},
		{"192.168.11.20 \n", 15},
		{"192.168.11 app\n", 15},
		{" app\n", 5},
		{"\n", 1},
		{"# hairpin: end\n", 15},
		{"192.168.11.20 # x\n", 18},
		{"192.168.11.20 a\0b\n", 18},
		{"192.168.11.20\0 a\n", 17},
		{"192.168.11.20 App\n", 18},
		{"0000:0000:0000:0000:0000:0000:0000:0000:0000:0000:0000:0000 a\n", 62},
	};
	char longest[400] = "192.168.11.20 ";
	struct hosts_asked asked = asked_make(1);
	_strbuf_ struct strbuf octets = {0};

	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
		if (hosts_lines_check(wrong[i].text, wrong[i].length) != -EINVAL)
			fail_msg("taken: %s", wrong[i].text);
	}
	assert_int_equal(hosts_lines_check(LINES, strlen(LINES)), 0);
	assert_int_equal(hosts_lines_check("", 0), 0);
	memset(longest + 14, 'a', 253);
	longest[14 + 253] = '\n';
	assert_int_equal(hosts_lines_check(longest, 14 + 254), 0);
	memset(longest + 14, 'a', 254);
	longest[14 + 254] = '\n';
	assert_int_equal(hosts_lines_check(longest, 14 + 255), -EINVAL);
	/* Also where the gateway has signed it. */
	answer_write(world.key, &asked, "# hairpin: end\n192.168.11.20 a\n", &octets);
	assert_int_equal(judge(&octets, &asked), -EINVAL);
}

static void test_too_long(void **state _unused_)
{
	struct hosts_names names = {0};
	struct hosts_answer answer;
	struct hosts_answer_head head;
	__u8 nothing[HOSTS_SIGNATURE_BYTES] = {0};

	while (names.lines.length <= LIMIT_HOSTS_LINES_BYTES)
		strbuf_add(&names.lines, LINES);
	assert_int_equal(hosts_names_finish(&names), -EMSGSIZE);
	strbuf_fini(&names.lines);
	/* Said at once, not when all of it has come. */
	hosts_answer_head_make(nothing, nothing, LIMIT_HOSTS_LINES_BYTES + 1, &head);
	assert_int_equal(hosts_answer_read(&head, sizeof(head), &answer), -EMSGSIZE);
	hosts_answer_head_make(nothing, nothing, LIMIT_HOSTS_LINES_BYTES, &head);
	assert_int_equal(hosts_answer_read(&head, sizeof(head), &answer), -EAGAIN);
}

static int world_make(void **state _unused_)
{
	_strbuf_ struct strbuf why = {0};
	char path[64];

	strcpy(world.folder, "/tmp/hosts-wire-XXXXXX");
	assert_non_null(mkdtemp(world.folder));
	snprintf(path, sizeof(path), "%s/key", world.folder);
	assert_int_equal(hosts_key_open(path, &world.key, &why), 0);
	unlink(path);
	assert_int_equal(hosts_key_open(path, &world.other, &why), 0);
	unlink(path);
	return rmdir(world.folder);
}

static int world_end(void **state _unused_)
{
	hosts_key_free(world.key);
	hosts_key_free(world.other);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_request), cmocka_unit_test(test_answer),
		cmocka_unit_test(test_forged),	cmocka_unit_test(test_other_question),
		cmocka_unit_test(test_lines),	cmocka_unit_test(test_too_long),
	};

	return cmocka_run_group_tests(tests, world_make, world_end);
}
