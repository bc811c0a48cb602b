/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which devices OpenWrt's names stand for: interfaces of /etc/config/network, zones of /etc/config/firewall. What is only known while it runs, such as the device of
 * a modem, is no guess here but a fault. Private to this folder.
 */
#pragma once

#include <net/if.h>

#include <hairpin/limits.h>

#include "uci.h"

struct uci_devices {
	char names[LIMIT_LANS][IFNAMSIZ];
	size_t n;
	size_t n_unknown; /* interfaces whose device nobody can tell from the text */
};

/*
 * The device of the interface @name: 0, -ENOENT where the network has no such interface, -ENODEV where its device cannot be told from the text.
 */
int openwrt_device(const struct uci *uci, const char *name, char ret_device[IFNAMSIZ]);

/* Whether the zone @name is towards the internet: it masquerades; where none does, it is called "wan". */
bool openwrt_is_wan(const struct uci *uci, const char *name);

/* The devices of @zone, a section of that type, each once. Those that are there already stay. */
void openwrt_zone_devices(const struct uci *uci, const struct uci_section *zone,
			  struct uci_devices *devices);

/* The devices of all zones towards the internet. */
void openwrt_wan_devices(const struct uci *uci, struct uci_devices *devices);

/* Whether @zone may send to the internet, by a section `forwarding`. */
bool openwrt_is_inside(const struct uci *uci, const struct uci_section *zone);

/* Whether who is in @zone may ask neither the router nor another zone inside, as OpenWrt's guests. */
bool openwrt_is_isolated(const struct uci *uci, const struct uci_section *zone);

/*
 * Calls @use for each word of each value of @option, which may be NULL: OpenWrt takes `option network 'lan guest'` for a list. Ends where @use returns not 0, and
 * returns that.
 */
int uci_words(const struct uci_option *option, int (*use)(void *data, const char *word),
	      void *data);
