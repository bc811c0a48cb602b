// SPDX-License-Identifier: GPL-2.0-or-later
#include <string.h>
#include <time.h>

#include "answers.h"
#include "offer_text.h"

static bool is_reserved(const struct plan_segment *segment, const struct dhcp_lease *lease)
{
	for (size_t i = 0; segment && i < segment->n_reservations; i++) {
		const struct plan_reservation *one = &segment->reservations[i];

		if (ip_addr_equal(&one->addr, &lease->addr) &&
		    !memcmp(one->mac, lease->mac, sizeof(lease->mac)))
			return true;
	}
	return false;
}

/* Null: for ever; 0: it is over, and dnsmasq has not looked since. */
static json_t *left_s(const struct dhcp_lease *lease)
{
	__u64 now = (__u64)time(NULL);

	if (!lease->expires)
		return json_null();
	return json_integer(lease->expires > now ? (json_int_t)(lease->expires - now) : 0);
}

json_t *answer_leases(struct daemon *daemon)
{
	size_t n = 0;
	const struct dhcp_lease *leases = dhcp_parent_leases(daemon->dhcp, &n);
	json_t *list = json_array();

	for (size_t i = 0; i < n; i++) {
		const struct dhcp_lease *lease = &leases[i];
		const struct plan_segment *segment =
			plan_dhcp_find(&daemon->now.plan->dhcp, &lease->addr);
		char mac[DHCP_MAC_TEXT_MAX];

		json_array_append_new(list, json_pack("{s:o, s:s, s:s?, s:s?, s:s?, s:b, s:o}",
						      "address", answer_addr(&lease->addr), "mac",
						      dhcp_mac_format(lease->mac, mac), "name",
						      *lease->name ? lease->name : NULL, "domain",
						      segment ? segment->domain : NULL, "interface",
						      segment ? segment->interface : NULL,
						      "reserved", is_reserved(segment, lease),
						      "left_s", left_s(lease)));
	}
	return json_pack("{s:o}", "leases", list);
}
