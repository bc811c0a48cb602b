// SPDX-License-Identifier: GPL-2.0-or-later
#include "port_holder.h"

#include <string.h>

#include "listeners.h"

/* By the name that the kernel has, which ends after 15 letters. What they hold on other addresses does not hinder us: none has to go altogether. */
static const struct {
	const char *program, *fix;
} programs[] = {
	{"systemd-resolve",
	 "write \"[Resolve]\" and \"DNSStubListener=no\" into /etc/systemd/resolved.conf.d/hairpin.conf, "
	 "then `systemctl restart systemd-resolved`"},
	{"dnsmasq",
	 "if it gives out addresses, write \"port=0\" into /etc/dnsmasq.d/hairpin.conf, which ends "
	 "its DNS only, then `systemctl restart dnsmasq`; else `systemctl disable --now dnsmasq`"},
	{"AdGuardHome",
	 "set `port: 5353` under `dns:` in its AdGuardHome.yaml, then `systemctl restart AdGuardHome`; "
	 "it can be our upstream then: 127.0.0.1:5353"},
	{"pihole-FTL",
	 "`pihole-FTL --config dns.port 5353`, then `systemctl restart pihole-FTL`; it can be our "
	 "upstream then: 127.0.0.1:5353"},
	{"unbound",
	 "write \"server: interface: 127.0.0.1@5335\" into /etc/unbound/unbound.conf.d/hairpin.conf, then "
	 "`systemctl restart unbound`; it can be our upstream then: 127.0.0.1:5335"},
	{"named",
	 "set `listen-on { 127.0.0.1; };` in the options of /etc/bind/named.conf.options, then "
	 "`systemctl restart named`; it can be our upstream then: 127.0.0.1"},
	{"docker-proxy",
	 "`docker ps --filter publish=53` names the container; publish its port on another address, such "
	 "as `-p 127.0.0.1:5353:53/udp`, or stop it"},
};

static const char *fix_of(const char *program)
{
	for (size_t i = 0; i < ARRAY_SIZE(programs); i++) {
		if (!strcmp(programs[i].program, program))
			return programs[i].fix;
	}
	return "stop it, or have it listen elsewhere";
}

static bool is_in_the_way(const void *data, const struct listener *row)
{
	const struct listener *wanted = data;

	return row->port == wanted->port && row->proto == wanted->proto &&
	       (ip_addr_is_zero(&row->addr) || ip_addr_equal(&row->addr, &wanted->addr));
}

bool port_holder_explain(const struct ip_addr *addr, __u16 port, __u8 proto, struct strbuf *out)
{
	const struct listener wanted = {.addr = *addr, .port = port, .proto = proto};
	_listeners_ struct listeners found = {0};
	const struct listener *row;

	if (listeners_read(is_in_the_way, &wanted, &found) || !found.n)
		return false;
	listeners_find_programs(&found);
	row = &found.rows[0];
	if (row->pid)
		strbuf_add(out, "%s (process %d) holds it; %s", row->program, row->pid,
			   fix_of(row->program));
	else
		strbuf_add(
			out,
			"an unknown program holds it, one that is not to be seen from here (in a "
			"container, or without all of root's rights, as in the sandbox of a "
			"service); `ss -lnp sport = :%u` as root outside names it",
			port);
	return true;
}
