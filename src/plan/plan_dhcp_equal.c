// SPDX-License-Identifier: GPL-2.0-or-later
#include "plan_dhcp.h"

#include <string.h>

static bool addrs_equal(const struct ip_addr *a, size_t n_a, const struct ip_addr *b, size_t n_b)
{
	return n_a == n_b && (n_a == 0 || !memcmp(a, b, n_a * sizeof(*a)));
}

static bool options_equal(const struct plan_segment *a, const struct plan_segment *b)
{
	if (a->n_options != b->n_options)
		return false;
	for (size_t i = 0; i < a->n_options; i++) {
		const struct plan_dhcp_option *x = &a->options[i], *y = &b->options[i];

		if (x->code != y->code || x->is_addrs != y->is_addrs ||
		    x->n_octets != y->n_octets || memcmp(x->octets, y->octets, x->n_octets))
			return false;
	}
	return true;
}

static bool reservations_equal(const struct plan_segment *a, const struct plan_segment *b)
{
	if (a->n_reservations != b->n_reservations)
		return false;
	for (size_t i = 0; i < a->n_reservations; i++) {
		const struct plan_reservation *x = &a->reservations[i], *y = &b->reservations[i];

		if (memcmp(x->mac, y->mac, sizeof(x->mac)) || !ip_addr_equal(&x->addr, &y->addr) ||
		    strcmp(x->name, y->name))
			return false;
	}
	return true;
}

static bool segments_equal(const struct plan_segment *a, const struct plan_segment *b)
{
	return !strcmp(a->interface, b->interface) && a->ifindex == b->ifindex &&
	       !memcmp(a->mac, b->mac, sizeof(a->mac)) && ip_net_equal(&a->net, &b->net) &&
	       ip_addr_equal(&a->own, &b->own) && ip_addr_equal(&a->first, &b->first) &&
	       ip_addr_equal(&a->last, &b->last) && a->lease_s == b->lease_s &&
	       ip_addr_equal(&a->gateway, &b->gateway) &&
	       addrs_equal(a->dns, a->n_dns, b->dns, b->n_dns) &&
	       addrs_equal(a->dns6, a->n_dns6, b->dns6, b->n_dns6) &&
	       !strcmp(a->domain, b->domain) && a->ra == b->ra && a->is_router6 == b->is_router6 &&
	       options_equal(a, b) && reservations_equal(a, b);
}

bool plan_dhcp_equal(const struct plan_dhcp *a, const struct plan_dhcp *b)
{
	if (a->on != b->on || a->n_segments != b->n_segments)
		return false;
	for (size_t i = 0; i < a->n_segments; i++) {
		if (!segments_equal(&a->segments[i], &b->segments[i]))
			return false;
	}
	return true;
}
