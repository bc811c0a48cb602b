// SPDX-License-Identifier: GPL-2.0-or-later
#include "tls_credentials.h"

#include <errno.h>
#include <gnutls/crypto.h>
#include <gnutls/x509.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>

#include "strbuf.h"
#include "tls.h"
#include "unconst.h"

/* Certificates of a chain: the server's, and some between it and an authority. */
#define CHAIN_MAX 16

/* RFC 8310 section 8.1 wants TLS 1.2 at least, RFC 9325 the same. */
#define PRIORITIES "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2"

/* Of the process: making them may read a file of the system. */
static gnutls_priority_t priorities;

gnutls_priority_t tls_priorities(void)
{
	return priorities;
}

int tls_init(void)
{
	__u8 random[32];

	if (priorities)
		return 0;
	/* The sources of randomness are opened at their first use, each level its own. */
	if (gnutls_global_init() || gnutls_rnd(GNUTLS_RND_NONCE, random, sizeof(random)) ||
	    gnutls_rnd(GNUTLS_RND_RANDOM, random, sizeof(random)) ||
	    gnutls_rnd(GNUTLS_RND_KEY, random, sizeof(random)))
		return -EIO;
	return gnutls_priority_init(&priorities, PRIORITIES, NULL) ? -ENOMEM : 0;
}

/* --- in force ------------------------------------------------------------------------------------------------ */

static struct tls_credentials *credentials_make(void)
{
	struct tls_credentials *made = calloc(1, sizeof(*made));

	if (!made)
		return NULL;
	made->refs = 1;
	if (gnutls_certificate_allocate_credentials(&made->certificates)) {
		free(made);
		return NULL;
	}
	return made;
}

struct tls_credentials *tls_credentials_ref(struct tls_credentials *credentials)
{
	credentials->refs++;
	return credentials;
}

void tls_credentials_unref(struct tls_credentials *credentials)
{
	if (!credentials || --credentials->refs)
		return;
	gnutls_certificate_free_credentials(credentials->certificates);
	if (credentials->ticket_key.data) {
		gnutls_memset(credentials->ticket_key.data, 0, credentials->ticket_key.size);
		gnutls_free(credentials->ticket_key.data);
	}
	free(credentials);
}

static gnutls_datum_t datum(const char *text, size_t length)
{
	return (gnutls_datum_t){unconst(text), (unsigned int)length};
}

struct tls_credentials *tls_trust_make(const char *pem, size_t length)
{
	struct tls_credentials *made = credentials_make();
	gnutls_datum_t text = datum(pem, length);

	if (made && gnutls_certificate_set_x509_trust_mem(made->certificates, &text,
							  GNUTLS_X509_FMT_PEM) > 0)
		return made;
	tls_credentials_unref(made);
	return NULL;
}

/* What is in @fd, *ret_length octets; NULL: nothing. */
static char *file_map(int fd, size_t *ret_length)
{
	struct stat status;
	void *text;

	if (fstat(fd, &status) || status.st_size <= 0)
		return NULL;
	*ret_length = (size_t)status.st_size;
	text = mmap(NULL, *ret_length, PROT_READ, MAP_PRIVATE, fd, 0);
	return text == MAP_FAILED ? NULL : text;
}

struct tls_credentials *tls_trust_load(int fd)
{
	struct tls_credentials *made;
	size_t length;
	char *text = file_map(fd, &length);

	if (!text)
		return NULL;
	made = tls_trust_make(text, length);
	munmap(text, length);
	return made;
}

struct tls_credentials *tls_identity_make(const char *chain, const char *key, struct strbuf *why)
{
	struct tls_credentials *made = credentials_make();
	gnutls_datum_t chain_text = datum(chain, strlen(chain)), key_text = datum(key, strlen(key));
	int ret = GNUTLS_E_MEMORY_ERROR;

	if (made)
		ret = gnutls_certificate_set_x509_key_mem2(made->certificates, &chain_text,
							   &key_text, GNUTLS_X509_FMT_PEM, NULL, 0);
	if (ret < 0) {
		strbuf_add(why, "%s", gnutls_strerror(ret));
		tls_credentials_unref(made);
		return NULL;
	}
	gnutls_session_ticket_key_generate(&made->ticket_key);
	return made;
}

struct tls_credentials *tls_identity_load(int fd)
{
	struct tls_credentials *made = NULL;
	_strbuf_ struct strbuf why = {0};
	size_t length, chain;
	char *text = file_map(fd, &length);

	if (!text)
		return NULL;
	chain = strnlen(text, length) + 1;
	if (chain < length && !text[length - 1])
		made = tls_identity_make(text, text + chain, &why);
	munmap(text, length);
	return made;
}

/* --- checks -------------------------------------------------------------------------------------------------- */

static void say_date(struct strbuf *why, const char *what, time_t at)
{
	char text[32];
	struct tm tm;

	gmtime_r(&at, &tm);
	strftime(text, sizeof(text), "%Y-%m-%d %H:%M UTC", &tm);
	strbuf_add(why, "%s %s", what, text);
}

static int certificate_check(gnutls_x509_crt_t certificate, const char *name, time_t now_s,
			     struct strbuf *why)
{
	time_t from_s = gnutls_x509_crt_get_activation_time(certificate);
	time_t until_s = gnutls_x509_crt_get_expiration_time(certificate);

	/* Before the time, which comes and goes. */
	if (!gnutls_x509_crt_check_hostname(certificate, name)) {
		strbuf_add(why, "the certificate is not for %s", name);
		return -EINVAL;
	}
	if (now_s > until_s)
		say_date(why, "the certificate ended at", until_s);
	else if (now_s < from_s)
		say_date(why, "the certificate begins only at", from_s);
	else
		return 0;
	return -EKEYEXPIRED;
}

int tls_identity_check(const struct tls_pair *pair, const char *name, __s64 now_s,
		       __s64 *ret_until_s, struct strbuf *why)
{
	struct tls_credentials *made = tls_identity_make(pair->chain, pair->key, why);
	gnutls_x509_crt_t list[CHAIN_MAX];
	gnutls_datum_t text = datum(pair->chain, strlen(pair->chain));
	unsigned int n = CHAIN_MAX;
	int ret;

	if (!made)
		return -EINVAL;
	tls_credentials_unref(made);
	ret = gnutls_x509_crt_list_import(list, &n, &text, GNUTLS_X509_FMT_PEM,
					  GNUTLS_X509_CRT_LIST_IMPORT_FAIL_IF_EXCEED);
	if (ret < 0) {
		strbuf_add(why, "%s", gnutls_strerror(ret));
		return -EINVAL;
	}
	ret = certificate_check(list[0], name, (time_t)now_s, why);
	*ret_until_s = gnutls_x509_crt_get_expiration_time(list[0]);
	for (unsigned int i = 0; i < n; i++)
		gnutls_x509_crt_deinit(list[i]);
	return ret;
}
