// SPDX-License-Identifier: GPL-2.0-or-later
/* The gateway's key and its file, and the file of a machine that knows it. */
#include "hosts_key.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "file.h"
#include "hosts_pin.h"
#include "hosts_rate.h"

static char folder[32], path[64];

static int folder_make(void **state _unused_)
{
	strcpy(folder, "/tmp/hosts-key-XXXXXX");
	if (!mkdtemp(folder))
		return -1;
	snprintf(path, sizeof(path), "%s/file", folder);
	return 0;
}

static int folder_remove(void **state _unused_)
{
	unlink(path);
	return rmdir(folder);
}

static void test_made_once(void **state _unused_)
{
	_strbuf_ struct strbuf why = {0};
	struct hosts_key *first, *again;
	struct stat is;

	assert_int_equal(hosts_key_open(path, &first, &why), 0);
	assert_int_equal(stat(path, &is), 0);
	assert_int_equal(is.st_mode & 07777, 0600);
	assert_int_equal(hosts_key_open(path, &again, &why), 0);
	assert_memory_equal(hosts_key_public(first), hosts_key_public(again), HOSTS_KEY_BYTES);
	hosts_key_free(first);
	hosts_key_free(again);
	/* Nothing else is left beside it. */
	folder_remove(NULL);
	assert_int_equal(access(folder, F_OK), -1);
	folder_make(NULL);
}

static void refuse(const char *text, size_t length, mode_t mode, int expected, const char *words)
{
	_strbuf_ struct strbuf why = {0};
	_free_ char *left = NULL;
	struct hosts_key *key = NULL;
	size_t left_length = 0;

	unlink(path);
	assert_int_equal(file_write_atomic(path, text, length, 0600), 0);
	assert_int_equal(chmod(path, mode), 0);
	assert_int_equal(hosts_key_open(path, &key, &why), expected);
	if (strncmp(strbuf_text(&why), path, strlen(path)) != 0 || !strstr(why.text, words))
		fail_msg("said: %s", strbuf_text(&why));
	/* Never replaced by itself. */
	assert_int_equal(file_read(path, 1 << 20, &left, &left_length), 0);
	assert_int_equal(left_length, length);
	assert_memory_equal(left, text, length);
}

static void test_refused(void **state _unused_)
{
	/* Of X25519, made by openssl genpkey: a key, but not one that signs. */
	static const char exchange[] =
		"-----BEGIN PRIVATE KEY-----\n"
		"MC4CAQAwBQYDK2VuBCIEIKBXBVYcBBOpUbhBbzPiA9uTn7AxbBXzAlvVoLV1zu9X\n"
		"-----END PRIVATE KEY-----\n";
	_strbuf_ struct strbuf why = {0};
	_free_ char *text = NULL;
	struct hosts_key *key;
	size_t length = 0;

	unlink(path);
	assert_int_equal(hosts_key_open(path, &key, &why), 0);
	hosts_key_free(key);
	assert_int_equal(file_read(path, 1 << 20, &text, &length), 0);
	refuse(text, length, 0640, -EPERM, "others may read it");
	refuse(text, length / 2, 0600, -EINVAL, "not an Ed25519 key");
	refuse("", 0, 0600, -EINVAL, "not an Ed25519 key");
	refuse(exchange, strlen(exchange), 0600, -EINVAL, "not an Ed25519 key");
}

/* RFC 8032 section 7.1, test 3: that what we call Ed25519 is what others call so. */
static void test_vector(void **state _unused_)
{
	static const __u8 public[] = {0xfc, 0x51, 0xcd, 0x8e, 0x62, 0x18, 0xa1, 0xa3,
				      0x8d, 0xa4, 0x7e, 0xd0, 0x02, 0x30, 0xf0, 0x58,
				      0x08, 0x16, 0xed, 0x13, 0xba, 0x33, 0x03, 0xac,
				      0x5d, 0xeb, 0x91, 0x15, 0x48, 0x90, 0x80, 0x25};
	static const __u8 message[] = {0xaf, 0x82};
	__u8 signature[] = {0x62, 0x91, 0xd6, 0x57, 0xde, 0xec, 0x24, 0x02, 0x48, 0x27, 0xe6,
			    0x9c, 0x3a, 0xbe, 0x01, 0xa3, 0x0c, 0xe5, 0x48, 0xa2, 0x84, 0x74,
			    0x3a, 0x44, 0x5e, 0x36, 0x80, 0xd7, 0xdb, 0x5a, 0xc3, 0xac, 0x18,
			    0xff, 0x9b, 0x53, 0x8d, 0x16, 0xf2, 0x90, 0xae, 0x67, 0xf7, 0x60,
			    0x98, 0x4d, 0xc6, 0x59, 0x4a, 0x7c, 0x15, 0xe9, 0x71, 0x6e, 0xd2,
			    0x8d, 0xc0, 0x27, 0xbe, 0xce, 0xea, 0x1e, 0xc4, 0x0a};
	static const __u8 zeros[HOSTS_KEY_BYTES];
	char text[HOSTS_FINGERPRINT_MAX];

	assert_int_equal(hosts_key_verify(public, message, sizeof(message), signature), 0);
	assert_int_equal(hosts_key_verify(public, message, 1, signature), -EBADMSG);
	signature[0] ^= 1;
	assert_int_equal(hosts_key_verify(public, message, sizeof(message), signature), -EBADMSG);
	/* printf '\0%.0s' {1..32} | openssl dgst -sha256 -binary | base64 */
	assert_string_equal(hosts_fingerprint(zeros, text),
			    "SHA256:Zmh6rfhivXdsj8GLjp+OIAiXFIVu4jOzkCpZHQ1fKSU");
}

#define KEY "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"

static void test_pin(void **state _unused_)
{
	static const struct {
		const char *text;
	} wrong[] = {
		{""},
		{"gateway 192.168.11.1\n"},
		{"key " KEY "\n"},
		{"gateway 192.168.11.1\nkey " KEY "0\n"},
		{"gateway 192.168.11.1\nkey 0x" KEY "\n"},
		{"gateway 192.168.11.1\ngateway 192.168.11.2\nkey " KEY "\n"},
		{"gateway gw\nkey " KEY "\n"},
		{"gateway 192.168.11.1\nkey " KEY "\nport 1\n"},
		{"gateway 192.168.11.1\nkey G" KEY},
	};
	_strbuf_ struct strbuf why = {0};
	struct hosts_pin pin, back;
	unsigned int line;

	unlink(path);
	assert_int_equal(hosts_pin_read(path, &back, &why), -ENOENT);
	assert_int_equal(hosts_pin_parse("# x\n\ngateway 192.168.11.1\nkey " KEY "\n", &pin, &line),
			 0);
	assert_int_equal(pin.key[31], 0x1f);
	assert_int_equal(hosts_pin_write(path, &pin, &why), 0);
	assert_int_equal(hosts_pin_read(path, &back, &why), 0);
	assert_memory_equal(&pin, &back, sizeof(pin));
	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
		if (hosts_pin_parse(wrong[i].text, &back, &line) != -EINVAL)
			fail_msg("taken: %s", wrong[i].text);
	}
	assert_string_equal(strbuf_text(&why), "");
	assert_int_equal(file_write_atomic(path, "gateway 192.168.11.1\n", 21, 0644), 0);
	assert_int_equal(hosts_pin_read(path, &back, &why), -EINVAL);
	assert_non_null(strstr(strbuf_text(&why), "run that again"));
}

static unsigned int taken(struct hosts_rate *rate, const char *client, unsigned int n, __u64 ms)
{
	struct ip_addr addr;
	unsigned int got = 0;

	assert_int_equal(ip_addr_parse(client, &addr), 0);
	for (unsigned int i = 0; i < n; i++)
		got += hosts_rate_take(rate, &addr, ms);
	return got;
}

static void test_rate(void **state _unused_)
{
	static struct hosts_rate rate;
	unsigned int all = 0;
	char text[IP_TEXT_MAX];

	assert_int_equal(taken(&rate, "192.168.11.20", 1000, 1000), LIMIT_HOSTS_CLIENT_BURST);
	/* Who floods has nothing of what the others have. */
	assert_int_equal(taken(&rate, "192.168.11.21", 1, 1000), 1);
	assert_int_equal(taken(&rate, "192.168.11.20", 1000, 3000), 2 * LIMIT_HOSTS_CLIENT_PER_S);
	assert_int_equal(taken(&rate, "192.168.11.20", 1000, 1000000), LIMIT_HOSTS_CLIENT_BURST);
	for (unsigned int i = 0; i < 250; i++) {
		snprintf(text, sizeof(text), "192.168.12.%u", i);
		all += taken(&rate, text, 10, 2000000);
	}
	assert_int_equal(all, LIMIT_HOSTS_ANSWERS_PER_S);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_made_once), cmocka_unit_test(test_refused),
		cmocka_unit_test(test_vector),	  cmocka_unit_test(test_pin),
		cmocka_unit_test(test_rate),
	};

	return cmocka_run_group_tests(tests, folder_make, folder_remove);
}
