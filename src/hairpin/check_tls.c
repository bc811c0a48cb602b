// SPDX-License-Identifier: GPL-2.0-or-later
/* Whether the files of certificates that the configuration names are such as the daemon takes. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "dns_identity.h"
#include "dns_trust.h"
#include "findings.h"
#include "tls.h"

/* Keys are root's: who is somebody else cannot know. */
static bool is_denied(struct check *check, int ret, const char *what)
{
	if (ret != -EACCES || !geteuid())
		return false;
	check_note(check, "certificate", "%s cannot be read by you: ask as root", what);
	return true;
}

void check_certificates(struct check *check)
{
	const struct plan_dns *dns = &check->candidate->plan->dns;
	const struct dns_identity none = {.fd = -1};
	struct dns_identity identity = {.fd = -1};
	struct dns_trust trust = {.fd = -1};
	_strbuf_ struct strbuf why = {0}, why_trust = {0};
	int ret = tls_init();

	if (!ret)
		ret = dns_identity_read(&identity, dns, &none, &why);
	if (ret && !is_denied(check, ret, "the certificate of dns.tls or its key"))
		check_add_lines(check, CHECK_FINDING, "certificate",
				"put them there; until then dns.tls is off, and all else works",
				&why);
	ret = dns_trust_read(&trust, dns, &why_trust);
	if (ret && !is_denied(check, ret, "dns.upstream-ca"))
		check_add_lines(check, CHECK_FINDING, "certificate",
				"put it there; until then no upstream is asked over TLS or HTTPS",
				&why_trust);
	dns_identity_fini(&identity);
	dns_trust_fini(&trust);
}
