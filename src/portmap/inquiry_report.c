// SPDX-License-Identifier: GPL-2.0-or-later
/* What an inquiry knows, in the form that goes to the daemon. */
#include <string.h>

#include "inquiry.h"

/* Whom a port is mapped to, by the list of UPnP, which other protocols do not have. */
static const struct portmap_entry *entry_find(const struct inquiry *inquiry,
					      const struct portmap_result *result)
{
	for (size_t i = 0; i < inquiry->n_entries; i++) {
		const struct portmap_entry *entry = &inquiry->entries[i];

		if (entry->proto == result->proto &&
		    entry->external_port == result->external_port &&
		    !ip_addr_equal(&entry->client, &inquiry->wanted.own))
			return entry;
	}
	return NULL;
}

/* PCP says the same of a port that is another's as of one that nobody gets, and miniupnpd gives another one instead: only the list tells them apart. */
static void holder_add(const struct inquiry *inquiry, struct portmap_result *result)
{
	const struct portmap_entry *entry = entry_find(inquiry, result);

	if (entry && result->state != PORTMAP_STATE_MAPPED) {
		result->holder = entry->client;
		result->holder_port = entry->internal_port;
		if (result->state == PORTMAP_STATE_OTHER_PORT)
			result->state = PORTMAP_STATE_CONFLICT;
	} else if (result->state == PORTMAP_STATE_CONFLICT && result->protocol == PORTMAP_PCP) {
		result->state = PORTMAP_STATE_REFUSED;
	}
}

static void results_add(const struct inquiry *inquiry, struct portmap_report *report)
{
	for (size_t i = 0; i < inquiry->wanted.n_forwards; i++) {
		report->results[i] = holds_result(&inquiry->holds, &inquiry->wanted.forwards[i]);
		holder_add(inquiry, &report->results[i]);
	}
	report->n_results = inquiry->wanted.n_forwards;
}

void inquiry_report(struct inquiry *inquiry, struct portmap_report *ret_report)
{
	struct portmap_report *report = ret_report;

	memset(report, 0, sizeof(*report));
	report->serial = inquiry->wanted.serial;
	report->protocol = inquiry->chosen;
	report->is_settled = inquiry->is_settled;
	memcpy(report->peers, inquiry->peers, sizeof(report->peers));
	report->n_left = (__u32)holds_left(&inquiry->holds);
	report->n_servers = (__u32)inquiry->stun.n;
	for (size_t i = 0; i < inquiry->stun.n; i++) {
		report->servers[i] = inquiry->stun.asks[i].said;
		if (report->servers[i].answer == PORTMAP_ANSWERS)
			report->peers[PORTMAP_STUN].answer = PORTMAP_ANSWERS;
		else if (report->peers[PORTMAP_STUN].answer != PORTMAP_ANSWERS)
			report->peers[PORTMAP_STUN].answer = report->servers[i].answer;
		/* Whether they agree is for who decides by them. */
		if (ip_addr_is_zero(&report->peers[PORTMAP_STUN].external))
			report->peers[PORTMAP_STUN].external = report->servers[i].external;
	}
	results_add(inquiry, report);
	report->has_entries = inquiry->has_entries;
	report->is_cut = inquiry->is_cut;
	report->n_entries = (__u32)inquiry->n_entries;
	memcpy(report->entries, inquiry->entries, sizeof(report->entries));
	inquiry->has_news = false;
}
