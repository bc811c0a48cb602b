// SPDX-License-Identifier: GPL-2.0-or-later
/* What DHCP tells hosts that goes around us, and who else tells them something. */
#include <errno.h>
#include <poll.h>
#include <string.h>

#include "clock.h"
#include "findings.h"
#include "offer_text.h"
#include "probe.h"

/* A server that asks whether an address is free before it offers it takes a second or more (RFC 2131 section 4.3.1; dnsmasq three). */
#define HEAR_MS 4000

static void check_server(struct check *check, const struct plan_segment *segment,
			 const struct ip_addr *server)
{
	const char *interface = segment->interface;
	char text[IP_TEXT_MAX];

	ip_addr_format(server, text);
	if (!ip_addr_is_private(server))
		check_find(
			check, "dhcp", "leave it out of dhcp.dns, or list it under dns.upstream",
			"dhcp %s: hosts are told to ask %s too: they take all servers for equal, "
			"so by chance some names of services lead to the public address, and "
			"nothing is blocked",
			interface, text);
	else
		check_note(check, "dhcp",
			   "dhcp %s: hosts are told to ask %s too, which answers for itself",
			   interface, text);
}

static bool is_one_of(const char *word, size_t length, const char *const *words)
{
	for (; *words; words++) {
		if (strlen(*words) == length && !memcmp(*words, word, length))
			return true;
	}
	return false;
}

/*
 * Whether @domain looks like one that somebody has outside as a whole: "example.com", "example.co.uk", and not "lan.example.com", which may well be the house's own. A list
 * of all that registries sell would be exact, for a month (publicsuffix.org); asking outside would make a check of what is not there yet.
 */
static bool is_public_domain(const char *domain)
{
	/* Nobody has these outside: RFC 6761, 6762, 8375, what ICANN will not give away, and what it does not because houses have them. */
	static const char *const inside[] = {"arpa",	  "home",	 "lan",	     "local",
					     "internal",  "private",	 "corp",     "test",
					     "localhost", "localdomain", "intranet", "invalid",
					     "onion",	  "mail",	 NULL};
	static const char *const sold_below[] = {"co",	"com", "net", "org", "ac",
						 "edu", "gov", "ne",  "or",  NULL};
	const char *last = strrchr(domain, '.'), *second = last;

	/* One label: "com" nobody would write, and a word of the house's own is not known outside. */
	if (!last || is_one_of(last + 1, strlen(last + 1), inside))
		return false;
	while (second > domain && second[-1] != '.')
		second--;
	if (second == domain)
		return true;
	if (strlen(last + 1) != 2 || !is_one_of(second, (size_t)(last - second), sold_below))
		return false;
	return !memchr(domain, '.', (size_t)(second - domain - 1));
}

/* A server of ours knows all names of the domain: what is not here is nowhere. */
static void check_domain(struct check *check, const struct plan_segment *segment)
{
	if (check->candidate->plan->dns.on && is_public_domain(segment->domain))
		check_find(check, "dhcp",
			   "use home.arpa, or a domain below yours that has no names outside, such "
			   "as lan.example.com",
			   "dhcp %s: hosts have their names in %s, so what else it has outside "
			   "(www.%s) is told not to exist",
			   segment->interface, segment->domain, segment->domain);
}

void check_dhcp(struct check *check)
{
	const struct plan *plan = check->candidate->plan;

	for (size_t i = 0; i < plan->dhcp.n_segments; i++) {
		const struct plan_segment *segment = &plan->dhcp.segments[i];

		check_domain(check, segment);
		if (segment->n_dns == 0)
			check_find(check, "dhcp", "add `dns`, or list a server in dhcp.dns",
				   "dhcp %s: hosts are told of no DNS server", segment->interface);
		for (size_t k = segment->has_own_dns; k < segment->n_dns; k++)
			check_server(check, segment, &segment->dns[k]);
		for (size_t k = segment->has_own_dns6; k < segment->n_dns6; k++)
			check_server(check, segment, &segment->dns6[k]);
	}
}

/* --- others ------------------------------------------------------------------------------------ */

struct probes {
	struct dhcp_probe probes[LIMIT_LANS];
	size_t n;
};

static void probes_fini(struct probes *probes)
{
	for (size_t i = 0; i < probes->n; i++)
		dhcp_probe_close(&probes->probes[i]);
}

/* All segments are asked before any is heard. */
static void ask_all(struct check *check, const struct plan_dhcp *dhcp, struct probes *probes)
{
	for (size_t i = 0; i < dhcp->n_segments && i < LIMIT_LANS; i++) {
		const struct plan_segment *segment = &dhcp->segments[i];
		struct dhcp_probe *probe = &probes->probes[probes->n++];
		int ret = dhcp_probe_open(probe, segment->ifindex, segment->mac);

		if (!ret)
			ret = dhcp_probe_ask(probe);
		if (ret)
			check_note(check, "dhcp", "dhcp %s: cannot look for other DHCP servers: %s",
				   segment->interface, strerror(-ret));
	}
}

static void hear_one(struct check *check, const struct plan_segment *segment,
		     struct dhcp_probe *probe)
{
	struct dhcp_offer offer;

	/* The first answer is reason enough; what it says more than once is not said twice. */
	if (dhcp_probe_hear(probe, &offer) <= 0)
		return;
	_strbuf_ struct strbuf who = {0};
	dhcp_offer_text(&offer, &who);
	check_find(check, "dhcp", "switch it off there, or leave this segment out of `dhcp`",
		   "dhcp %s: another DHCP server answers there: %s", segment->interface,
		   strbuf_text(&who));
	dhcp_probe_close(probe);
}

void check_dhcp_others(struct check *check)
{
	const struct plan_dhcp *dhcp = &check->candidate->plan->dhcp;
	_cleanup_(probes_fini) struct probes probes = {0};
	struct pollfd fds[LIMIT_LANS];
	__u64 end = clock_monotonic_ms() + HEAR_MS, now;

	if (!dhcp->n_segments)
		return;
	ask_all(check, dhcp, &probes);
	while ((now = clock_monotonic_ms()) < end) {
		for (size_t i = 0; i < probes.n; i++)
			fds[i] = (struct pollfd){.fd = probes.probes[i].fd, .events = POLLIN};
		if (poll(fds, probes.n, (int)(end - now)) < 0 && errno != EINTR)
			return;
		for (size_t i = 0; i < probes.n; i++) {
			if (fds[i].revents)
				hear_one(check, &dhcp->segments[i], &probes.probes[i]);
		}
	}
}
