// SPDX-License-Identifier: GPL-2.0-or-later
#include "special.h"

#include <hairpin/limits.h>
#include <stdio.h>
#include <stdlib.h>

#include "cleanup.h"

enum what {
	IS_ABSENT, /* NXDOMAIN */
	IS_ZONE, /* there it is, empty, and below it nothing: NXDOMAIN for itself would deny the names that the operator has there (RFC 8020) */
	IS_EMPTY, /* there is such a name, without a record */
	IS_LOOPBACK, /* 127.0.0.1 and ::1 */
};

/* Each with all that is below it; "%u": one for each number from first to last. */
static const struct special {
	const char *name;
	enum what what;
	unsigned int first, last;
} specials[] = {
	/* RFC 6761: a query for it that leaves the machine is a fault by itself. */
	{"localhost", IS_LOOPBACK},
	{"invalid", IS_ABSENT},
	{"test", IS_ABSENT},
	{"onion", IS_ABSENT}, /* RFC 7686 */
	{"local", IS_ABSENT}, /* RFC 6762: multicast DNS, not ours */
	{"home.arpa", IS_ZONE}, /* RFC 8375: ends at this router */
	{"internal", IS_ABSENT}, /* ICANN, 29 July 2024: for private use */
	/* RFC 9462 section 6.4: what upstream designates is upstream's and not ours. */
	{"resolver.arpa", IS_EMPTY},
	/* Firefox: no DNS over HTTPS by default in a network that answers so (support.mozilla.org, "canary domain"). */
	{"use-application-dns.net", IS_ABSENT},
	/* Apple: no Private Relay in a network that answers so (developer.apple.com, "Prepare your network for iCloud Private Relay"). */
	{"mask.icloud.com", IS_ABSENT},
	{"mask-h2.icloud.com", IS_ABSENT},
	/* RFC 6303 section 4, RFC 7793: the root servers know nothing of private networks. */
	{"10.in-addr.arpa", IS_ZONE},
	{"%u.172.in-addr.arpa", IS_ZONE, 16, 31},
	{"168.192.in-addr.arpa", IS_ZONE},
	{"%u.100.in-addr.arpa", IS_ZONE, 64, 127},
	{"254.169.in-addr.arpa", IS_ZONE},
	{"127.in-addr.arpa", IS_ZONE},
	{"0.in-addr.arpa", IS_ZONE},
	{"2.0.192.in-addr.arpa", IS_ZONE},
	{"100.51.198.in-addr.arpa", IS_ZONE},
	{"113.0.203.in-addr.arpa", IS_ZONE},
	{"255.255.255.255.in-addr.arpa", IS_ZONE},
	{"d.f.ip6.arpa", IS_ZONE},
	{"%x.e.f.ip6.arpa", IS_ZONE, 8, 11},
	{"8.b.d.0.1.0.0.2.ip6.arpa", IS_ZONE},
	{"0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.ip6.arpa", IS_ZONE},
	{"1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.ip6.arpa", IS_ZONE},
};

/* All of them, the numbered ones written out, zones with what is below them. */
#define SPECIALS_MAX (2 * (ARRAY_SIZE(specials) + 16 + 64 + 4))

static struct dns_rewrite rewrite_of(const struct special *special, struct ip_addr *loopback)
{
	return (struct dns_rewrite){
		.match = DNS_MATCH_TREE,
		.is_absent = special->what == IS_ABSENT || special->what == IS_ZONE,
		.addrs = loopback,
		.n_addrs = special->what == IS_LOOPBACK ? 2 : 0,
		.ttl_s = LIMIT_DNS_SPECIAL_TTL_S,
	};
}

static size_t specials_write(struct dns_rewrite *made, struct ip_addr *loopback)
{
	size_t n = 0;

	for (size_t i = 0; i < ARRAY_SIZE(specials); i++) {
		const struct special *special = &specials[i];

		for (unsigned int k = special->first; k <= special->last; k++) {
			char text[DNS_NAME_TEXT_MAX];

			/* NOLINTNEXTLINE(clang-diagnostic-format-nonliteral): of the table above */
			snprintf(text, sizeof(text), special->name, k);
			made[n] = rewrite_of(special, loopback);
			if (dns_name_parse(text, &made[n].name))
				continue;
			n++;
			if (special->what != IS_ZONE)
				continue;
			made[n] = made[n - 1];
			made[n - 1].match = DNS_MATCH_BELOW;
			made[n].match = DNS_MATCH_EXACT;
			made[n++].is_absent = false;
		}
	}
	return n;
}

struct dns_rewrites *dns_special_make(void)
{
	_free_ struct dns_rewrite *made = calloc(SPECIALS_MAX, sizeof(*made));
	struct ip_addr loopback[2];

	if (!made || ip_addr_parse("127.0.0.1", &loopback[0]) || ip_addr_parse("::1", &loopback[1]))
		return NULL;
	return dns_rewrites_make(made, specials_write(made, loopback));
}
