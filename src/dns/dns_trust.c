// SPDX-License-Identifier: GPL-2.0-or-later
#include "dns_trust.h"

#include <errno.h>
#include <fcntl.h>
#include <hairpin/limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "cleanup.h"
#include "file.h"

#define SEALS (F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL)

/* Where distributions keep them: Debian, Alpine and Arch; Fedora; openSUSE; OpenWrt. */
static const char *const system_paths[] = {
	"/etc/ssl/certs/ca-certificates.crt",
	"/etc/pki/tls/certs/ca-bundle.crt",
	"/etc/ssl/ca-bundle.pem",
	"/etc/ssl/cert.pem",
};

static bool is_needed(const struct plan_dns *dns)
{
	for (size_t i = 0; i < dns->n_upstreams; i++) {
		if (dns->upstreams[i].transport != CONF_DNS_PLAIN)
			return true;
	}
	return false;
}

static const char *place_of(const struct plan_dns *dns)
{
	return dns->upstream_ca ? dns->upstream_ca : "";
}

static int text_read(struct dns_trust *trust, const struct plan_dns *dns, struct strbuf *why)
{
	int ret = -ENOENT;

	if (dns->upstream_ca) {
		ret = file_read(dns->upstream_ca, LIMIT_DNS_TRUST_BYTES, &trust->text,
				&trust->length);
		if (ret)
			strbuf_add(why, "dns.upstream-ca: %s: %s; a file of certificates as PEM\n",
				   dns->upstream_ca, strerror(-ret));
		return ret;
	}
	for (size_t i = 0; i < ARRAY_SIZE(system_paths) && ret; i++)
		ret = file_read(system_paths[i], LIMIT_DNS_TRUST_BYTES, &trust->text,
				&trust->length);
	if (ret)
		strbuf_add(
			why,
			"dns.upstream: an upstream is asked over TLS, and nothing says which "
			"certificates to trust: %s: %s; install ca-certificates, or name a file by "
			"dns.upstream-ca\n",
			system_paths[0], strerror(-ret));
	return ret;
}

/* A file of something else would be found only when nobody is believed any more. */
static int text_check(const struct dns_trust *trust, const struct plan_dns *dns, struct strbuf *why)
{
	if (memmem(trust->text, trust->length, "-----BEGIN CERTIFICATE-----", 27))
		return 0;
	strbuf_add(
		why,
		"dns.upstream-ca: %s: has no certificate in it; PEM, as \"-----BEGIN CERTIFICATE-----\"\n",
		dns->upstream_ca ? dns->upstream_ca : system_paths[0]);
	return -EINVAL;
}

static int text_seal(struct dns_trust *trust, struct strbuf *why)
{
	_close_ int fd = memfd_create("dns-trust", MFD_CLOEXEC | MFD_ALLOW_SEALING);

	if (fd < 0 || write(fd, trust->text, trust->length) != (ssize_t)trust->length ||
	    fcntl(fd, F_ADD_SEALS, SEALS)) {
		strbuf_add(why, "dns.upstream: no memory for the certificates\n");
		return -ENOMEM;
	}
	trust->fd = TAKE_FD(fd);
	return 0;
}

int dns_trust_read(struct dns_trust *trust, const struct plan_dns *dns, struct strbuf *why)
{
	int ret;

	dns_trust_fini(trust);
	if (!dns->on || !is_needed(dns))
		return 0;
	ret = text_read(trust, dns, why);
	if (!ret)
		ret = text_check(trust, dns, why);
	if (!ret)
		ret = text_seal(trust, why);
	if (!ret)
		trust->from = strdup(place_of(dns));
	if (!ret && !trust->from)
		ret = -ENOMEM;
	if (ret)
		dns_trust_fini(trust);
	return ret;
}

static int trust_copy(struct dns_trust *to, const struct dns_trust *from)
{
	to->fd = fcntl(from->fd, F_DUPFD_CLOEXEC, 0);
	to->text = malloc(from->length);
	to->from = strdup(from->from);
	if (to->fd < 0 || !to->text || !to->from) {
		dns_trust_fini(to);
		return -ENOMEM;
	}
	memcpy(to->text, from->text, from->length);
	to->length = from->length;
	return 0;
}

void dns_trust_next(struct dns_trust *next, const struct plan_dns *dns,
		    const struct dns_trust *known)
{
	_strbuf_ struct strbuf why = {0}, fault = {0};
	bool is_kept;

	if (!dns_trust_read(next, dns, &why))
		return;
	is_kept = known->text && !strcmp(known->from, place_of(dns)) && !trust_copy(next, known);
	strbuf_add(&fault, "%.*s; %s, and a file that is right is taken within %u s",
		   (int)strcspn(strbuf_text(&why), "\n"), strbuf_text(&why),
		   is_kept ? "what it said before goes on to count"
			   : "until then no upstream is asked over TLS or HTTPS",
		   LIMIT_DNS_FILES_AGAIN_S);
	next->fault = strdup(strbuf_text(&fault));
}

bool dns_trust_equal(const struct dns_trust *a, const struct dns_trust *b)
{
	return a->length == b->length && (!a->length || !memcmp(a->text, b->text, a->length));
}

void dns_trust_fini(struct dns_trust *trust)
{
	free(trust->text);
	free(trust->from);
	free(trust->fault);
	if (trust->fd >= 0)
		close(trust->fd);
	*trust = (struct dns_trust){.fd = -1};
}
