// SPDX-License-Identifier: GPL-2.0-or-later
#include "dns_identity.h"

#include <errno.h>
#include <fcntl.h>
#include <hairpin/limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

#include "cleanup.h"
#include "file.h"
#include "tls.h"

#define SEALS (F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL)

static void say(const struct plan_tls *tls, unsigned int line, const char *key, const char *word,
		struct strbuf *why)
{
	strbuf_add(why, "%s:%u: %s: %s: ", tls->path, line, key, word);
}

static int text_read(const char *path, char **ret_text)
{
	size_t length;
	int ret = file_read(path, LIMIT_DNS_IDENTITY_BYTES, ret_text, &length);

	/* Nobody's PEM: what stands behind it would be read by nobody. */
	if (!ret && strlen(*ret_text) != length)
		ret = -EINVAL;
	return ret;
}

static int pair_check(struct dns_identity *identity, const struct plan_tls *tls,
		      const struct tls_pair *pair, struct strbuf *why)
{
	_strbuf_ struct strbuf fault = {0};
	int ret = tls_identity_check(pair, tls->name, time(NULL), &identity->until_s, &fault);
	size_t length = fault.length;

	if (!ret)
		return 0;
	/* The library ends its sentences, and this one goes on. */
	length -= length && strbuf_text(&fault)[length - 1] == '.';
	say(tls, tls->certificate_line, "certificate", tls->certificate, why);
	strbuf_add(
		why,
		"%.*s; a certificate for %s that is valid today, and the key %s that belongs to it\n",
		(int)length, strbuf_text(&fault), tls->name, tls->key);
	return ret;
}

static int text_seal(struct dns_identity *identity, const struct plan_tls *tls, struct strbuf *why)
{
	_close_ int fd = memfd_create("dns-identity", MFD_CLOEXEC | MFD_ALLOW_SEALING);

	if (fd < 0 || write(fd, identity->text, identity->length) != (ssize_t)identity->length ||
	    fcntl(fd, F_ADD_SEALS, SEALS)) {
		say(tls, tls->certificate_line, "certificate", tls->certificate, why);
		strbuf_add(why, "no memory for it\n");
		return -ENOMEM;
	}
	identity->fd = TAKE_FD(fd);
	return 0;
}

/* Its memory goes back with nothing in it. */
static void secret_free(char *text, size_t length)
{
	if (text)
		explicit_bzero(text, length);
	free(text);
}

static int texts_join(struct dns_identity *identity, const struct plan_tls *tls,
		      const struct tls_pair *pair)
{
	size_t chain = strlen(pair->chain) + 1, key = strlen(pair->key) + 1;

	identity->length = chain + key;
	identity->text = malloc(identity->length);
	identity->name = strdup(tls->name);
	if (!identity->text || !identity->name)
		return -ENOMEM;
	memcpy(identity->text, pair->chain, chain);
	memcpy(identity->text + chain, pair->key, key);
	return 0;
}

static int pair_take(struct dns_identity *identity, const struct plan_tls *tls,
		     const struct tls_pair *pair, const struct dns_identity *known,
		     struct strbuf *why)
{
	int ret = texts_join(identity, tls, pair);

	if (!ret && dns_identity_equal(identity, known))
		identity->until_s = known->until_s;
	else if (!ret)
		ret = pair_check(identity, tls, pair, why);
	return ret ? ret : text_seal(identity, tls, why);
}

int dns_identity_read(struct dns_identity *identity, const struct plan_dns *dns,
		      const struct dns_identity *known, struct strbuf *why)
{
	const struct plan_tls *tls = &dns->tls;
	char *chain = NULL, *key = NULL;
	int ret;

	dns_identity_fini(identity);
	if (!dns->on || !tls->on)
		return 0;
	ret = text_read(tls->certificate, &chain);
	if (ret) {
		say(tls, tls->certificate_line, "certificate", tls->certificate, why);
		strbuf_add(why, "%s; a certificate for %s\n", strerror(-ret), tls->name);
	}
	if (!ret) {
		ret = text_read(tls->key, &key);
		if (ret) {
			say(tls, tls->key_line, "key", tls->key, why);
			strbuf_add(why, "%s; the key of the certificate %s\n", strerror(-ret),
				   tls->certificate);
		}
	}
	if (!ret)
		ret = pair_take(identity, tls, &(struct tls_pair){chain, key}, known, why);
	free(chain);
	secret_free(key, key ? strlen(key) : 0);
	if (ret)
		dns_identity_fini(identity);
	return ret;
}

static int identity_copy(struct dns_identity *to, const struct dns_identity *from)
{
	to->fd = fcntl(from->fd, F_DUPFD_CLOEXEC, 0);
	to->text = malloc(from->length);
	to->name = strdup(from->name);
	if (to->fd < 0 || !to->text || !to->name) {
		dns_identity_fini(to);
		return -ENOMEM;
	}
	memcpy(to->text, from->text, from->length);
	to->length = from->length;
	to->until_s = from->until_s;
	return 0;
}

void dns_identity_next(struct dns_identity *next, const struct plan_dns *dns,
		       const struct dns_identity *known)
{
	_strbuf_ struct strbuf why = {0}, fault = {0};
	bool is_kept;

	if (!dns_identity_read(next, dns, known, &why))
		return;
	is_kept = known->text && !strcmp(known->name, dns->tls.name) && !identity_copy(next, known);
	strbuf_add(&fault, "dns.tls %s: %.*s; files that are right now are taken within %u s",
		   is_kept ? "goes on with the certificate before" : "is off",
		   (int)strcspn(strbuf_text(&why), "\n"), strbuf_text(&why),
		   LIMIT_DNS_FILES_AGAIN_S);
	next->fault = strdup(strbuf_text(&fault));
}

bool dns_identity_equal(const struct dns_identity *a, const struct dns_identity *b)
{
	if (!a->text || !b->text)
		return !a->text && !b->text;
	return a->length == b->length && !memcmp(a->text, b->text, a->length) &&
	       !strcmp(a->name, b->name);
}

void dns_identity_fini(struct dns_identity *identity)
{
	secret_free(identity->text, identity->length);
	free(identity->name);
	free(identity->fault);
	if (identity->fd >= 0)
		close(identity->fd);
	*identity = (struct dns_identity){.fd = -1};
}
