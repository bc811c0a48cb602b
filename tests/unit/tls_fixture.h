/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Certificates as the tests want them, of an authority that is made for the test. Include it behind cmocka.h. */
#pragma once

#include <arpa/inet.h>
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cleanup.h"

#define DAY 86400

struct authority {
	gnutls_x509_privkey_t key;
	gnutls_x509_crt_t crt;
	char pem[4096];
};

struct pair {
	char chain[4096], key[4096]; /* PEM */
};

/* What a certificate says. */
struct wish {
	const char *name; /* NULL: none */
	const char *address; /* NULL: none; IPv4 */
	time_t from_s, until_s; /* from now */
	const struct authority *by; /* NULL: itself */
};

static inline gnutls_x509_privkey_t key_make(void)
{
	gnutls_x509_privkey_t key;

	assert_int_equal(gnutls_x509_privkey_init(&key), 0);
	assert_int_equal(
		gnutls_x509_privkey_generate(key, GNUTLS_PK_ECDSA,
					     GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1), 0),
		0);
	return key;
}

static inline gnutls_x509_crt_t crt_make(gnutls_x509_privkey_t key, const char *cn, time_t from_s,
					 time_t until_s)
{
	static unsigned char serial = 1;
	gnutls_x509_crt_t crt;

	assert_int_equal(gnutls_x509_crt_init(&crt), 0);
	gnutls_x509_crt_set_version(crt, 3);
	gnutls_x509_crt_set_key(crt, key);
	serial++;
	gnutls_x509_crt_set_serial(crt, &serial, 1);
	gnutls_x509_crt_set_activation_time(crt, time(NULL) + from_s);
	gnutls_x509_crt_set_expiration_time(crt, time(NULL) + until_s);
	gnutls_x509_crt_set_dn_by_oid(crt, GNUTLS_OID_X520_COMMON_NAME, 0, cn,
				      (unsigned int)strlen(cn));
	return crt;
}

static inline void authority_make(struct authority *authority, const char *name)
{
	size_t size = sizeof(authority->pem);

	authority->key = key_make();
	authority->crt = crt_make(authority->key, name, -DAY, 30 * DAY);
	gnutls_x509_crt_set_basic_constraints(authority->crt, 1, -1);
	gnutls_x509_crt_set_key_usage(authority->crt, GNUTLS_KEY_KEY_CERT_SIGN);
	assert_int_equal(gnutls_x509_crt_sign2(authority->crt, authority->crt, authority->key,
					       GNUTLS_DIG_SHA256, 0),
			 0);
	assert_int_equal(
		gnutls_x509_crt_export(authority->crt, GNUTLS_X509_FMT_PEM, authority->pem, &size),
		0);
}

static inline void authority_fini(struct authority *authority)
{
	gnutls_x509_crt_deinit(authority->crt);
	gnutls_x509_privkey_deinit(authority->key);
}

static inline void pair_make(struct pair *pair, const struct wish *wish)
{
	gnutls_x509_privkey_t key = key_make();
	gnutls_x509_crt_t crt = crt_make(key, "server", wish->from_s, wish->until_s);
	size_t size = sizeof(pair->chain);
	struct in_addr addr;

	if (wish->name)
		gnutls_x509_crt_set_subject_alt_name(crt, GNUTLS_SAN_DNSNAME, wish->name,
						     (unsigned int)strlen(wish->name),
						     GNUTLS_FSAN_APPEND);
	if (wish->address) {
		assert_int_equal(inet_pton(AF_INET, wish->address, &addr), 1);
		gnutls_x509_crt_set_subject_alt_name(crt, GNUTLS_SAN_IPADDRESS, &addr, 4,
						     GNUTLS_FSAN_APPEND);
	}
	assert_int_equal(gnutls_x509_crt_sign2(crt, wish->by ? wish->by->crt : crt,
					       wish->by ? wish->by->key : key, GNUTLS_DIG_SHA256,
					       0),
			 0);
	assert_int_equal(gnutls_x509_crt_export(crt, GNUTLS_X509_FMT_PEM, pair->chain, &size), 0);
	size = sizeof(pair->key);
	assert_int_equal(gnutls_x509_privkey_export_pkcs8(key, GNUTLS_X509_FMT_PEM, NULL,
							  GNUTLS_PKCS_PLAIN, pair->key, &size),
			 0);
	gnutls_x509_crt_deinit(crt);
	gnutls_x509_privkey_deinit(key);
}
