// SPDX-License-Identifier: GPL-2.0-or-later
/* Our certificate and key as the daemon reads them: what is refused, in which words, and what is handed over. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <unistd.h>

#include <cmocka.h>

#include "dns_identity.h"
#include "dns_trust.h"
#include "tls.h"
#include "tls_fixture.h"

#define NAME "dns.example.net"

static struct authority ours;

struct bench {
	char folder[32], certificate[64], key[64];
	struct plan_dns dns;
	struct dns_identity read, known;
};

static void text_write(const char *path, const char *text)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	assert_int_equal(fwrite(text, 1, strlen(text), file), strlen(text));
	assert_int_equal(fclose(file), 0);
}

static void pair_write(const struct bench *bench, const struct wish *wish)
{
	struct pair pair;

	pair_make(&pair, wish);
	text_write(bench->certificate, pair.chain);
	text_write(bench->key, pair.key);
}

static const struct wish good = {.name = NAME, .from_s = -DAY, .until_s = DAY, .by = &ours};

static void bench_open(struct bench *bench)
{
	static char path[] = "h.yaml", name[] = NAME;

	*bench = (struct bench){.folder = "/tmp/identity-XXXXXX", .read.fd = -1, .known.fd = -1};
	assert_non_null(mkdtemp(bench->folder));
	snprintf(bench->certificate, sizeof(bench->certificate), "%s/c.pem", bench->folder);
	snprintf(bench->key, sizeof(bench->key), "%s/k.pem", bench->folder);
	bench->dns.on = bench->dns.tls.on = true;
	bench->dns.tls = (struct plan_tls){.on = true,
					   .certificate = bench->certificate,
					   .key = bench->key,
					   .name = name,
					   .path = path,
					   .certificate_line = 7,
					   .key_line = 8,
					   .name_line = 9};
	pair_write(bench, &good);
}

static void bench_close(struct bench *bench)
{
	dns_identity_fini(&bench->read);
	dns_identity_fini(&bench->known);
	unlink(bench->certificate);
	unlink(bench->key);
	assert_int_equal(rmdir(bench->folder), 0);
}

static void expect_refused(struct bench *bench, unsigned int line, const char *text)
{
	_strbuf_ struct strbuf why = {0};
	char where[16];

	assert_true(dns_identity_read(&bench->read, &bench->dns, &bench->known, &why) < 0);
	assert_int_equal(bench->read.fd, -1);
	assert_null(bench->read.text);
	snprintf(where, sizeof(where), "h.yaml:%u: ", line);
	if (strncmp(strbuf_text(&why), where, strlen(where)) || !strstr(strbuf_text(&why), text))
		fail_msg("\"%s\" is not \"%s...%s\"", strbuf_text(&why), where, text);
	assert_int_equal(strbuf_text(&why)[why.length - 1], '\n');
}

static void read_good(struct bench *bench)
{
	_strbuf_ struct strbuf why = {0};

	assert_int_equal(dns_identity_read(&bench->read, &bench->dns, &bench->known, &why), 0);
	assert_string_equal(strbuf_text(&why), "");
}

static void test_good(void **state _unused_)
{
	struct tls_credentials *loaded;
	struct bench bench;

	bench_open(&bench);
	read_good(&bench);
	assert_true(bench.read.until_s > time(NULL));
	assert_true(fcntl(bench.read.fd, F_GET_SEALS) & F_SEAL_WRITE);
	loaded = tls_identity_load(bench.read.fd);
	assert_non_null(loaded);
	tls_credentials_unref(loaded);
	bench.dns.tls.on = false;
	read_good(&bench);
	assert_int_equal(bench.read.fd, -1);
	bench_close(&bench);
}

static void test_refused(void **state _unused_)
{
	struct wish wish = good;
	struct pair other;
	struct bench bench;

	bench_open(&bench);
	wish.name = "dns.example.org";
	pair_write(&bench, &wish);
	expect_refused(&bench, 7, "c.pem: the certificate is not for " NAME "; ");
	wish = good;
	wish.from_s = -2 * DAY;
	wish.until_s = -DAY;
	pair_write(&bench, &wish);
	expect_refused(&bench, 7, "the certificate ended at 20");
	wish.from_s = DAY;
	wish.until_s = 2 * DAY;
	pair_write(&bench, &wish);
	expect_refused(&bench, 7, "the certificate begins only at 20");
	pair_write(&bench, &good);
	pair_make(&other, &good);
	text_write(bench.key, other.key);
	expect_refused(&bench, 7, bench.key);
	text_write(bench.key, "no key\n");
	expect_refused(&bench, 7, bench.key);
	unlink(bench.key);
	expect_refused(&bench, 8, "k.pem: No such file");
	text_write(bench.key, "");
	text_write(bench.certificate, "");
	expect_refused(&bench, 7, "c.pem: ");
	unlink(bench.certificate);
	expect_refused(&bench, 7, "c.pem: No such file");
	bench_close(&bench);
}

/* It ends while it is in force: what follows the network does not stop for that. Another name is another matter. */
static void test_known(void **state _unused_)
{
	struct bench bench;
	static char other[] = "dns.example.org";

	bench_open(&bench);
	read_good(&bench);
	bench.known = bench.read;
	bench.read = (struct dns_identity){.fd = -1};
	read_good(&bench);
	assert_true(dns_identity_equal(&bench.read, &bench.known));
	bench.known.until_s = 1;
	read_good(&bench);
	assert_int_equal(bench.read.until_s, 1);
	bench.dns.tls.name = other;
	expect_refused(&bench, 7, "is not for dns.example.org");
	bench_close(&bench);
}

/* What is in force stays in force with bad files, but not under another name; and what is wrong is said. */
static void test_next(void **state _unused_)
{
	static char other[] = "dns.example.org";
	struct dns_identity next = {.fd = -1};
	struct tls_credentials *loaded;
	struct bench bench;

	bench_open(&bench);
	dns_identity_next(&next, &bench.dns, &bench.known);
	assert_null(next.fault);
	assert_true(next.fd >= 0);
	bench.known = next;
	next = (struct dns_identity){.fd = -1};
	unlink(bench.certificate);
	dns_identity_next(&next, &bench.dns, &bench.known);
	assert_true(dns_identity_equal(&next, &bench.known));
	assert_int_equal(next.until_s, bench.known.until_s);
	assert_non_null(next.fault);
	assert_memory_equal(next.fault,
			    "dns.tls goes on with the certificate before: h.yaml:7: ", 55);
	assert_non_null(strstr(next.fault, "No such file or directory; a certificate for " NAME));
	assert_null(strchr(next.fault, '\n'));
	assert_int_not_equal(next.fd, bench.known.fd);
	loaded = tls_identity_load(next.fd);
	assert_non_null(loaded);
	tls_credentials_unref(loaded);
	bench.dns.tls.name = other;
	dns_identity_next(&next, &bench.dns, &bench.known);
	assert_int_equal(next.fd, -1);
	assert_null(next.text);
	assert_memory_equal(next.fault, "dns.tls is off: h.yaml:7: ", 26);
	dns_identity_fini(&next);
	bench_close(&bench);
}

/* Only the time is wrong: that is another verdict than one that no waiting mends. */
static void test_time(void **state _unused_)
{
	struct wish wish = good;
	_strbuf_ struct strbuf why = {0};
	struct bench bench;

	bench_open(&bench);
	wish.from_s = DAY;
	wish.until_s = 2 * DAY;
	pair_write(&bench, &wish);
	assert_int_equal(dns_identity_read(&bench.read, &bench.dns, &bench.known, &why),
			 -EKEYEXPIRED);
	bench_close(&bench);
}

/* The same of the authorities that upstreams are checked by. */
static void test_trust(void **state _unused_)
{
	struct plan_upstream upstream = {.transport = CONF_DNS_TLS};
	struct dns_trust known = {.fd = -1}, next = {.fd = -1};
	static char other[] = "/nowhere/ca.pem";
	struct bench bench;

	bench_open(&bench);
	bench.dns.upstreams = &upstream;
	bench.dns.n_upstreams = 1;
	bench.dns.upstream_ca = bench.certificate;
	dns_trust_next(&known, &bench.dns, &next);
	assert_null(known.fault);
	assert_true(known.fd >= 0);
	text_write(bench.certificate, "nothing\n");
	dns_trust_next(&next, &bench.dns, &known);
	assert_true(dns_trust_equal(&next, &known));
	assert_true(next.fd >= 0 && next.fd != known.fd);
	assert_non_null(strstr(next.fault, "c.pem: has no certificate in it"));
	assert_non_null(strstr(next.fault, "what it said before goes on to count"));
	/* Who names others means those, and not those before. */
	bench.dns.upstream_ca = other;
	dns_trust_next(&next, &bench.dns, &known);
	assert_int_equal(next.fd, -1);
	assert_non_null(strstr(next.fault, "no upstream is asked over TLS or HTTPS"));
	dns_trust_fini(&next);
	dns_trust_fini(&known);
	bench_close(&bench);
}

static int authority_up(void **state _unused_)
{
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
		cmocka_unit_test(test_good),  cmocka_unit_test(test_refused),
		cmocka_unit_test(test_known), cmocka_unit_test(test_next),
		cmocka_unit_test(test_time),  cmocka_unit_test(test_trust),
	};

	return cmocka_run_group_tests(tests, authority_up, authority_down);
}
