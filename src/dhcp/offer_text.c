// SPDX-License-Identifier: GPL-2.0-or-later
#include "offer_text.h"

#include <stdio.h>

const char *dhcp_mac_format(const __u8 mac[6], char *text)
{
	snprintf(text, DHCP_MAC_TEXT_MAX, "%02x:%02x:%02x:%02x:%02x:%02x", mac[0], mac[1], mac[2],
		 mac[3], mac[4], mac[5]);
	return text;
}

void dhcp_offer_text(const struct dhcp_offer *offer, struct strbuf *out)
{
	char addr[IP_TEXT_MAX], mac[DHCP_MAC_TEXT_MAX];
	bool has_router = !ip_addr_is_zero(&offer->router);

	strbuf_add(out, "%s (%s)", ip_addr_format(&offer->server, addr),
		   dhcp_mac_format(offer->mac, mac));
	if (has_router)
		strbuf_add(out, ", which hands out %s as gateway",
			   ip_addr_format(&offer->router, addr));
	for (size_t i = 0; i < offer->n_dns; i++)
		strbuf_add(out, "%s%s",
			   i		? ", "
			   : has_router ? " and "
					: ", which hands out ",
			   ip_addr_format(&offer->dns[i], addr));
	if (offer->n_dns)
		strbuf_add(out, " as DNS server");
}

static json_t *addr_json(const struct ip_addr *addr)
{
	char text[IP_TEXT_MAX];

	return ip_addr_is_zero(addr) ? json_null() : json_string(ip_addr_format(addr, text));
}

json_t *dhcp_offer_json(const struct dhcp_offer *offer)
{
	char mac[DHCP_MAC_TEXT_MAX];
	json_t *dns = json_array();

	for (size_t i = 0; i < offer->n_dns; i++)
		json_array_append_new(dns, addr_json(&offer->dns[i]));
	return json_pack("{s:o, s:s, s:o, s:o}", "server", addr_json(&offer->server), "mac",
			 dhcp_mac_format(offer->mac, mac), "router", addr_json(&offer->router),
			 "dns", dns);
}
