// SPDX-License-Identifier: GPL-2.0-or-later
/* Machines that have leases, as the DNS server is told of them. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "daemon.h"
#include "hosts.h"
#include "log.h"

/* False: the lease has no name, or its segment gets leases no more. */
static bool host_of(const struct plan_dhcp *dhcp, const struct dhcp_lease *lease,
		    struct dns_host *ret_host)
{
	const struct plan_segment *segment = plan_dhcp_find(dhcp, &lease->addr);
	struct dns_name domain;

	if (!segment || !*lease->name || dns_name_parse(segment->domain, &domain))
		return false;
	*ret_host = (struct dns_host){.addr = lease->addr};
	return !dns_host_name(lease->name, strlen(lease->name), &domain, &ret_host->name);
}

void daemon_follow_leases(void *data)
{
	struct daemon *daemon = data;
	size_t n = 0, n_hosts = 0;
	const struct dhcp_lease *leases = dhcp_parent_leases(daemon->dhcp, &n);
	_free_ struct dns_host *hosts = calloc(n ? n : 1, sizeof(*hosts));
	int ret = hosts ? 0 : -ENOMEM;

	if (!daemon->now.plan)
		return;
	for (size_t i = 0; i < n && !ret; i++)
		n_hosts += host_of(&daemon->now.plan->dhcp, &leases[i], &hosts[n_hosts]);
	if (!ret)
		ret = dns_parent_hosts(daemon->dns, hosts, n_hosts);
	if (ret)
		log_warning("names of leases: %s", strerror(-ret));
}
