/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An offer, for people and as JSON. */
#pragma once

#include <jansson.h>

#include "offer.h"
#include "strbuf.h"

/* "192.168.11.9 (52:54:00:12:34:56), which hands out 192.168.11.9 as gateway and 9.9.9.9 as DNS server" */
void dhcp_offer_text(const struct dhcp_offer *offer, struct strbuf *out);

/* New reference: {server, mac, router, dns}. */
json_t *dhcp_offer_json(const struct dhcp_offer *offer);

/* "52:54:00:12:34:56"; writes into @text and returns it. */
#define DHCP_MAC_TEXT_MAX 18
const char *dhcp_mac_format(const __u8 mac[6], char *text);
