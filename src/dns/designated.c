// SPDX-License-Identifier: GPL-2.0-or-later
#include "designated.h"

#include <errno.h>
#include <hairpin/limits.h>
#include <stdlib.h>
#include <string.h>

#include "dns_server.h"

/* "_dns.resolver.arpa" */
static const __u8 question[] = "\4_dns\10resolver\4arpa";

#define PORT_TLS 853

/* RFC 9460 section 14.3.2, RFC 9461 section 5. */
enum key { KEY_ALPN = 1, KEY_PORT = 3, KEY_IPV4HINT = 4, KEY_IPV6HINT = 6, KEY_DOHPATH = 7 };

/* Data of an SVCB record as it grows. Four addresses of a family: a segment has one or two of ours. */
#define HINTS_MAX 4
struct svcb {
	__u8 data[2 + DNS_NAME_MAX + 16 + 8 + 2 * (4 + HINTS_MAX * 16) + 32];
	size_t length;
};

static void put(struct svcb *svcb, const void *octets, size_t n)
{
	memcpy(svcb->data + svcb->length, octets, n);
	svcb->length += n;
}

static void put16(struct svcb *svcb, unsigned int value)
{
	dns_put16(svcb->data + svcb->length, (__u16)value);
	svcb->length += 2;
}

static void put_value(struct svcb *svcb, enum key key, const void *value, size_t n)
{
	put16(svcb, key);
	put16(svcb, (unsigned int)n);
	put(svcb, value, n);
}

/* Ours of one family that a client of @segment reaches without asking for anything. */
static void put_hints(struct svcb *svcb, const struct dns_designated *designated,
		      const struct ip_net *segment, bool is_v4)
{
	__u8 hints[HINTS_MAX * 16];
	size_t n = 0, left = HINTS_MAX;

	for (size_t i = 0; i < designated->n_places && left && segment; i++) {
		const struct dns_designated_place *place = &designated->places[i];
		__be32 v4 = is_v4 ? ip_addr_v4(&place->addr) : 0;

		if (ip_addr_is_v4(&place->addr) != is_v4 || !ip_net_equal(&place->segment, segment))
			continue;
		memcpy(hints + n, is_v4 ? (const void *)&v4 : place->addr.b, is_v4 ? 4 : 16);
		n += is_v4 ? 4 : 16;
		left--;
	}
	if (n)
		put_value(svcb, is_v4 ? KEY_IPV4HINT : KEY_IPV6HINT, hints, n);
}

struct service {
	unsigned int priority, port;
	const char *alpn; /* its length in front */
	const char *path; /* NULL: none */
};

/* Keys stand in the order of their numbers (RFC 9460 section 2.2). */
static void service_add(const struct dns_designated *designated, const struct ip_net *segment,
			const struct service *service, struct dns_answer *answer)
{
	struct svcb svcb = {0};
	__u8 port[2];

	dns_put16(port, (__u16)service->port);
	put16(&svcb, service->priority);
	put(&svcb, designated->name.wire, designated->name.length);
	put_value(&svcb, KEY_ALPN, service->alpn, strlen(service->alpn));
	put_value(&svcb, KEY_PORT, port, sizeof(port));
	put_hints(&svcb, designated, segment, true);
	put_hints(&svcb, designated, segment, false);
	if (service->path)
		put_value(&svcb, KEY_DOHPATH, service->path, strlen(service->path));
	dns_answer_add(answer, DNS_ANSWER,
		       &(struct dns_rr){.owner_at = DNS_AT_QUESTION,
					.type = DNS_SVCB,
					/* It ends with the certificate, or with a plan. */
					.ttl_s = LIMIT_DNS_REWRITE_TTL_S,
					.data = svcb.data,
					.data_length = (__u16)svcb.length});
}

/* Whoever is kept from it is not told to go there. */
static bool is_closed(const struct dns_designated *designated, const struct ip_net *segment)
{
	for (size_t i = 0; i < designated->n_places && segment; i++) {
		if (designated->places[i].is_closed &&
		    ip_net_equal(&designated->places[i].segment, segment))
			return true;
	}
	return false;
}

int dns_designated_answer(const struct dns_designated *designated, const struct ip_net *segment,
			  struct dns_answer *answer)
{
	const struct service tls = {.priority = 1, .port = PORT_TLS, .alpn = "\3dot"};
	const struct service https = {.priority = 2,
				      .port = designated->https,
				      .alpn = "\2h2",
				      .path = DNS_HTTPS_PATH "{?dns}"};
	const struct dns_query *query = answer->query;

	if (!designated->n_places || query->type != DNS_SVCB ||
	    query->name.length != sizeof(question) ||
	    memcmp(query->name.wire, question, sizeof(question)) || is_closed(designated, segment))
		return -ENOENT;
	service_add(designated, segment, &tls, answer);
	if (designated->https)
		service_add(designated, segment, &https, answer);
	return (int)dns_answer_end(answer, DNS_NOERROR);
}

void dns_designated_fini(struct dns_designated *designated)
{
	free(designated->places);
	*designated = (struct dns_designated){0};
}
