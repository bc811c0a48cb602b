// SPDX-License-Identifier: GPL-2.0-or-later
#include "portmap.h"

#include <netinet/in.h>
#include <string.h>

#include "cleanup.h"

/* By their number; what is past the end of a table came from a process that may be in somebody else's hands. */
#define WORD(table, number) ((number) < ARRAY_SIZE(table) ? (table)[number] : "?")

/* --- what is wanted ----------------------------------------------------------------------------------- */

bool portmap_router_equal(const struct portmap_wanted *a, const struct portmap_wanted *b)
{
	return a->ifindex == b->ifindex && a->asks == b->asks &&
	       ip_addr_equal(&a->router, &b->router) && ip_addr_equal(&a->own, &b->own) &&
	       !strcmp(a->interface, b->interface);
}

static bool forward_equal(const struct portmap_forward *a, const struct portmap_forward *b)
{
	return a->proto == b->proto && a->external_port == b->external_port &&
	       a->internal_port == b->internal_port && !strcmp(a->service, b->service) &&
	       !memcmp(a->nonce, b->nonce, sizeof(a->nonce));
}

bool portmap_wanted_equal(const struct portmap_wanted *a, const struct portmap_wanted *b)
{
	if (!portmap_router_equal(a, b) || a->n_forwards != b->n_forwards ||
	    a->n_servers != b->n_servers)
		return false;
	for (size_t i = 0; i < a->n_forwards; i++) {
		if (!forward_equal(&a->forwards[i], &b->forwards[i]))
			return false;
	}
	for (size_t i = 0; i < a->n_servers; i++) {
		if (!ip_addr_equal(&a->servers[i].addr, &b->servers[i].addr) ||
		    a->servers[i].port != b->servers[i].port)
			return false;
	}
	return true;
}

/* --- words -------------------------------------------------------------------------------------------- */

const char *portmap_protocol_name(unsigned int protocol)
{
	static const char *const names[] = {"PCP", "NAT-PMP", "UPnP IGD", "STUN"};

	return WORD(names, protocol);
}

const char *portmap_protocol_key(unsigned int protocol)
{
	static const char *const keys[] = {"pcp", "nat-pmp", "upnp", "stun"};

	return WORD(keys, protocol);
}

const char *portmap_answer_key(unsigned int answer)
{
	static const char *const keys[] = {"not-asked", "asking", "silent", "refuses", "answers"};

	return WORD(keys, answer);
}

const char *portmap_state_key(unsigned int state)
{
	static const char *const keys[] = {"asking",   "mapped",     "refused",
					   "conflict", "other-port", "unanswered"};

	return WORD(keys, state);
}

void portmap_text_clean(char *to, size_t size, const char *text, size_t length)
{
	size_t n = 0;

	for (size_t i = 0; i < length && text[i] && n + 1 < size; i++) {
		/* Not by the locale: terminals and logs get it. */
		char c = text[i] >= ' ' && text[i] <= '~' ? text[i] : '?';

		if (text[i] == '\t' || text[i] == '\n' || text[i] == '\r')
			c = ' ';
		if (n || c != ' ')
			to[n++] = c;
	}
	while (n && to[n - 1] == ' ')
		n--;
	memset(to + n, 0, size - n);
}

static void text_check(char text[LIMIT_UPSTREAM_TEXT])
{
	char said[LIMIT_UPSTREAM_TEXT];

	memcpy(said, text, sizeof(said));
	portmap_text_clean(text, LIMIT_UPSTREAM_TEXT, said, sizeof(said));
}

/* Addresses of a report are IPv4, or none at all: callers take them apart as that. */
static bool addr_check(const struct ip_addr *addr)
{
	static const struct ip_addr none;

	return ip_addr_is_v4(addr) || ip_addr_equal(addr, &none);
}

static bool peers_check(struct portmap_report *report)
{
	for (size_t i = 0; i < PORTMAP_PROTOCOLS; i++) {
		struct portmap_peer *peer = &report->peers[i];

		if (peer->answer > PORTMAP_ANSWERS || !addr_check(&peer->external))
			return false;
		text_check(peer->name);
		text_check(peer->words);
	}
	return true;
}

static bool servers_check(const struct portmap_report *report, const struct portmap_wanted *wanted)
{
	for (size_t i = 0; i < report->n_servers; i++) {
		const struct portmap_stun *said = &report->servers[i];

		if (said->answer > PORTMAP_ANSWERS || !addr_check(&said->external) ||
		    said->server.port != wanted->servers[i].port ||
		    !ip_addr_equal(&said->server.addr, &wanted->servers[i].addr))
			return false;
	}
	return true;
}

static bool results_check(struct portmap_report *report, const struct portmap_wanted *wanted)
{
	for (size_t i = 0; i < report->n_results; i++) {
		struct portmap_result *result = &report->results[i];
		const struct portmap_forward *forward = &wanted->forwards[i];

		if (result->state >= PORTMAP_STATES || result->protocol > PORTMAP_PROTOCOLS ||
		    result->proto != forward->proto ||
		    result->external_port != forward->external_port ||
		    result->internal_port != forward->internal_port || !addr_check(&result->holder))
			return false;
		text_check(result->words);
	}
	return true;
}

static bool entries_check(struct portmap_report *report)
{
	for (size_t i = 0; i < report->n_entries; i++) {
		struct portmap_entry *entry = &report->entries[i];

		if ((entry->proto != IPPROTO_TCP && entry->proto != IPPROTO_UDP) ||
		    !addr_check(&entry->client))
			return false;
		text_check(entry->description);
	}
	return true;
}

bool portmap_report_check(struct portmap_report *report, const struct portmap_wanted *wanted)
{
	return report->serial == wanted->serial && report->protocol <= PORTMAP_PROTOCOLS &&
	       report->n_results == wanted->n_forwards && report->n_servers == wanted->n_servers &&
	       report->n_entries <= LIMIT_UPSTREAM_ENTRIES && peers_check(report) &&
	       servers_check(report, wanted) && results_check(report, wanted) &&
	       entries_check(report);
}
