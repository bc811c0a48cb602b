// SPDX-License-Identifier: GPL-2.0-or-later
/* ip_local_reserved_ports, worked out as a set of 65536 ports. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "sysctl.h"

#define PORTS 65536

struct ports {
	bool in[PORTS];
};

static void ports_add(struct ports *ports, unsigned int first, unsigned int last)
{
	for (unsigned int port = first; port <= last && port < PORTS; port++)
		ports->in[port] = true;
}

/* One number at *text, which moves behind it. */
static int port_parse(const char **text, unsigned int *ret_port)
{
	char *end;
	unsigned long value = strtoul(*text, &end, 10);

	if (end == *text || value >= PORTS)
		return -EINVAL;
	*text = end;
	*ret_port = (unsigned int)value;
	return 0;
}

static int ports_parse(const char *text, struct ports *ports)
{
	while (*text) {
		unsigned int first, last;

		if (port_parse(&text, &first))
			return -EINVAL;
		last = first;
		if (*text == '-' && (text++, port_parse(&text, &last)))
			return -EINVAL;
		if (last < first || (*text && *text != ','))
			return -EINVAL;
		ports_add(ports, first, last);
		text += *text == ',';
	}
	return 0;
}

static void ports_print(const struct ports *ports, struct strbuf *out)
{
	const char *comma = "";

	for (unsigned int first = 0; first < PORTS; first++) {
		unsigned int last = first;

		if (!ports->in[first])
			continue;
		while (last + 1 < PORTS && ports->in[last + 1])
			last++;
		strbuf_add(out, last > first ? "%s%u-%u" : "%s%u", comma, first, last);
		comma = ",";
		first = last;
	}
}

static void forwards_add(const struct plan *plan, struct ports *ports)
{
	for (size_t i = 0; i < plan->n_services; i++) {
		const struct plan_service *service = &plan->services[i];

		for (size_t j = 0; j < service->n_forwards; j++)
			ports_add(ports, service->forwards[j].external_first,
				  service->forwards[j].external_last);
	}
}

/* A host with hardly any automatic port left could not open a connection; the NAT translates its port where it must. */
static void spare_automatic(struct ports *ports, unsigned int first, unsigned int last)
{
	unsigned int taken = 0;

	for (unsigned int port = first; port <= last; port++)
		taken += ports->in[port];
	if (taken * 2 > last - first + 1)
		memset(ports->in + first, 0, (last - first + 1) * sizeof(ports->in[0]));
}

static void ports_merge(struct ports *into, const struct ports *from)
{
	for (unsigned int port = 0; port < PORTS; port++)
		into->in[port] |= from->in[port];
}

int sysctl_reserved_ports(const struct plan *plan, const char *before, const char *range,
			  struct strbuf *ret_ports)
{
	_free_ struct ports *reserved = calloc(1, sizeof(*reserved));
	_free_ struct ports *forwards = calloc(1, sizeof(*forwards));
	unsigned int first, last;

	if (!reserved || !forwards)
		return -ENOMEM;
	if (ports_parse(before, reserved) || port_parse(&range, &first) ||
	    port_parse(&range, &last) || last < first)
		return -EINVAL;
	forwards_add(plan, forwards);
	spare_automatic(forwards, first, last);
	ports_merge(reserved, forwards);
	ports_print(reserved, ret_ports);
	return 0;
}
