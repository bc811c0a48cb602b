// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "export_internal.h"

/* clang-format off */
const struct export_target export_targets[] = {
	{"adguardhome", "the names, for AdGuard Home",
	 "Stop AdGuard Home, put the items below `rewrites:` of `filtering:` in AdGuardHome.yaml, start it; or run the commands at the end while it runs.\n"
	 "Clients lose these names while its filtering is switched off.\n",
	 export_adguardhome},
	{"dnsmasq", "the names, for dnsmasq 2.86 or later",
	 "Put it into /etc/dnsmasq.d/hairpin.conf and restart dnsmasq. Clients must have that server as their only one.\n",
	 export_dnsmasq},
	{"hosts", "the names, for a hosts file",
	 "Add it to /etc/hosts (Windows: C:\\Windows\\System32\\drivers\\etc\\hosts, as administrator).\n"
	 "Not on a laptop: outside this network these addresses are somebody else's, and the names lead there. Take the lines out again to end it.\n",
	 export_hosts},
	{"iptables", "the forwards and the loopback, for iptables",
	 "A shell script for root, as the whole of it or line by line. It may be run again, and then takes the place of what it did before.\n"
	 "The public address stands in it: write it anew when that changes.\n"
	 "To end it: iptables-save | grep -v HAIRPIN- | iptables-restore, and the same with ip6tables.\n",
	 export_iptables},
	{"nftables", "the forwards and the loopback, for nftables",
	 "nft -f FILE, as root; again to replace it. To end it: nft delete table ip hairpin_export. Needs net.ipv4.ip_forward=1.\n"
	 "The public address stands in it: write it anew when that changes.\n",
	 export_nftables},
	{"openwrt", "the forwards and the loopback, for OpenWrt 22.03 or later",
	 "Run it on the router. It may be run again, and then takes the place of what it did before. The zones are called wan and lan there, as they are by default.\n"
	 "To end it: the first line, and `uci commit firewall && service firewall reload`.\n",
	 export_openwrt},
	{"pihole", "the names, for Pi-hole 6",
	 "Run it on the Pi-hole. The lines for dnsmasq replace those that misc.dnsmasq_lines has: where there are others, add these to them.\n",
	 export_pihole},
	{"routeros", "the forwards and the loopback, for RouterOS 7",
	 "Paste it into a terminal of the router. It may be pasted again, and then takes the place of what it did before. WAN is the interface list of the default configuration.\n"
	 "To end it: the first four lines.\n",
	 export_routeros},
	{"unbound", "the names, for unbound",
	 "Put it into /etc/unbound/unbound.conf.d/hairpin.conf and run `unbound-control reload`. Clients must have that server as their only one.\n",
	 export_unbound},
	{0},
};
/* clang-format on */

const struct export_target *export_find(const char *name)
{
	for (const struct export_target *target = export_targets; target->name; target++) {
		if (!strcmp(target->name, name))
			return target;
	}
	return NULL;
}

void export_cannot(struct export *export, const char *format, ...)
{
	char text[1024];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	strbuf_add(&export->cannot, "%s\n", text);
}

static void comment_add(struct strbuf *out, const char *prefix, const struct strbuf *lines)
{
	for (const char *at = strbuf_text(lines); *at;) {
		size_t length = strcspn(at, "\n");

		strbuf_add(out, "# %s%.*s\n", prefix, (int)length, at);
		at += length + (at[length] == '\n');
	}
}

void export_make(const struct export_target *target, const struct conf *conf,
		 const struct plan *plan, struct strbuf *ret_body, struct strbuf *ret_cannot)
{
	struct export export = {.conf = conf, .plan = plan};

	target->write(&export);
	*ret_body = export.body;
	*ret_cannot = export.cannot;
}

void export_write(const struct export_target *target, const struct conf *conf,
		  const struct plan *plan, struct strbuf *out)
{
	_strbuf_ struct strbuf how = {0}, body = {0}, cannot = {0};

	export_make(target, conf, plan, &body, &cannot);
	strbuf_add(&how, "%s", target->how);
	strbuf_add(out, "# %s: %s\n", conf->path, target->what);
	comment_add(out, "", &how);
	if (cannot.length) {
		strbuf_add(out, "#\n# What it cannot say:\n");
		comment_add(out, "- ", &cannot);
	}
	strbuf_add(out, "\n%s", strbuf_text(&body));
}
