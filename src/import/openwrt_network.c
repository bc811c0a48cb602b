// SPDX-License-Identifier: GPL-2.0-or-later
#include "openwrt_network.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "alloc.h"

/* An interface may stand on another one ("@wan"), and that on a third. */
#define DEPTH_MAX 4

int uci_words(const struct uci_option *option, int (*use)(void *data, const char *word), void *data)
{
	int ret = 0;

	for (size_t i = 0; option && !ret && i < option->n_values; i++) {
		_free_ char *text = alloc_text(option->values[i]);
		char *rest = NULL;

		for (char *word = strtok_r(text, " \t\n", &rest); word && !ret;
		     word = strtok_r(NULL, " \t\n", &rest))
			ret = use(data, word);
	}
	return ret;
}

/* --- interfaces ---------------------------------------------------------------------------- */

static const struct uci_section *interface_find(const struct uci *uci, const char *name)
{
	for (size_t i = 0; i < uci->n_sections; i++) {
		const struct uci_section *section = &uci->sections[i];

		if (uci_is_type(section, "network", "interface") && section->name &&
		    !strcmp(section->name, name))
			return section;
	}
	return NULL;
}

static int device_set(char ret_device[IFNAMSIZ], const char *prefix, const char *name)
{
	int length = snprintf(ret_device, IFNAMSIZ, "%s%s", prefix, name);

	return length > 0 && length < IFNAMSIZ ? 0 : -ENODEV;
}

/* How protocols that make a device call it: their own name before that of the interface, or nothing before it. */
static const struct {
	const char *proto, *prefix;
} made[] = {
	{"pppoe", "pppoe-"}, {"pppoa", "pppoa-"}, {"pptp", "pptp-"}, {"l2tp", "l2tp-"},
	{"3g", "3g-"},	     {"6in4", "6in4-"},	  {"6to4", "6to4-"}, {"6rd", "6rd-"},
	{"gre", "gre4-"},    {"ipip", "ipip-"},	  {"wireguard", ""},
};

/* Protocols of modems: which device one becomes is known when it is there. */
static bool is_modem(const char *proto)
{
	static const char *const modems[] = {"qmi",	     "ncm",	 "mbim",
					     "modemmanager", "directip", "wwan"};

	for (size_t i = 0; i < ARRAY_SIZE(modems); i++) {
		if (!strcmp(proto, modems[i]))
			return true;
	}
	return false;
}

int openwrt_device(const struct uci *uci, const char *name, char ret_device[IFNAMSIZ])
{
	for (unsigned int depth = 0; depth < DEPTH_MAX; depth++) {
		const struct uci_section *interface = interface_find(uci, name);
		const char *proto = interface ? uci_value(interface, "proto") : NULL;
		const char *device = interface ? uci_value(interface, "device") : NULL;

		if (!interface)
			return depth ? -ENODEV : -ENOENT;
		for (size_t i = 0; proto && i < ARRAY_SIZE(made); i++) {
			if (!strcmp(proto, made[i].proto))
				return device_set(ret_device, made[i].prefix, name);
		}
		if (proto && is_modem(proto))
			return -ENODEV;
		/* Until 21.02 it was called ifname, and a bridge was said at the interface. */
		if (!device && uci_value(interface, "type") &&
		    !strcmp(uci_value(interface, "type"), "bridge"))
			return device_set(ret_device, "br-", name);
		device = device ? device : uci_value(interface, "ifname");
		if (!device || strpbrk(device, " \t"))
			return -ENODEV;
		if (*device != '@')
			return device_set(ret_device, "", device);
		name = device + 1;
	}
	return -ENODEV;
}

/* --- zones --------------------------------------------------------------------------------- */

static const struct uci_section *zone_next(const struct uci *uci, size_t *at)
{
	while (*at < uci->n_sections) {
		const struct uci_section *section = &uci->sections[(*at)++];

		if (uci_is_type(section, "firewall", "zone") && uci_value(section, "name") &&
		    uci_is_on(section, "enabled", true))
			return section;
	}
	return NULL;
}

bool openwrt_is_wan(const struct uci *uci, const char *name)
{
	const struct uci_section *zone;
	bool is_one = false, has_one = false;

	for (size_t at = 0; (zone = zone_next(uci, &at));) {
		bool masquerades = uci_is_on(zone, "masq", false);

		has_one |= masquerades;
		is_one |= masquerades && !strcmp(uci_value(zone, "name"), name);
	}
	return has_one ? is_one : !strcmp(name, "wan");
}

static int device_add(void *data, const char *name)
{
	struct uci_devices *devices = data;

	for (size_t i = 0; i < devices->n; i++) {
		if (!strcmp(devices->names[i], name))
			return 0;
	}
	if (devices->n == LIMIT_LANS || device_set(devices->names[devices->n], "", name))
		devices->n_unknown++;
	else
		devices->n++;
	return 0;
}

struct network_use {
	const struct uci *uci;
	struct uci_devices *devices;
};

static int network_add(void *data, const char *name)
{
	struct network_use *use = data;
	char device[IFNAMSIZ];

	/* An interface that is not there (wan6 where it was deleted) has no packets either. */
	switch (openwrt_device(use->uci, name, device)) {
	case 0:
		device_add(use->devices, device);
		break;
	case -ENODEV:
		use->devices->n_unknown++;
		break;
	}
	return 0;
}

void openwrt_zone_devices(const struct uci *uci, const struct uci_section *zone,
			  struct uci_devices *devices)
{
	struct network_use use = {uci, devices};

	uci_words(uci_option(zone, "network"), network_add, &use);
	uci_words(uci_option(zone, "device"), device_add, devices);
}

void openwrt_wan_devices(const struct uci *uci, struct uci_devices *devices)
{
	const struct uci_section *zone;

	for (size_t at = 0; (zone = zone_next(uci, &at));) {
		if (openwrt_is_wan(uci, uci_value(zone, "name")))
			openwrt_zone_devices(uci, zone, devices);
	}
}

/* Whether a section `forwarding` leads from @zone to the internet, or with @to_wan false to another zone inside. */
static bool forwards(const struct uci *uci, const struct uci_section *zone, bool to_wan)
{
	for (size_t i = 0; i < uci->n_sections; i++) {
		const struct uci_section *section = &uci->sections[i];
		const char *src, *dest;

		if (!uci_is_type(section, "firewall", "forwarding") ||
		    !uci_is_on(section, "enabled", true))
			continue;
		src = uci_value(section, "src");
		dest = uci_value(section, "dest");
		if (src && dest && !strcmp(src, uci_value(zone, "name")) &&
		    openwrt_is_wan(uci, dest) == to_wan)
			return true;
	}
	return false;
}

bool openwrt_is_inside(const struct uci *uci, const struct uci_section *zone)
{
	return uci_is_type(zone, "firewall", "zone") && uci_value(zone, "name") &&
	       uci_is_on(zone, "enabled", true) && !openwrt_is_wan(uci, uci_value(zone, "name")) &&
	       forwards(uci, zone, true);
}

static const char *input_default(const struct uci *uci)
{
	for (size_t i = 0; i < uci->n_sections; i++) {
		if (uci_is_type(&uci->sections[i], "firewall", "defaults") &&
		    uci_value(&uci->sections[i], "input"))
			return uci_value(&uci->sections[i], "input");
	}
	return "REJECT";
}

bool openwrt_is_isolated(const struct uci *uci, const struct uci_section *zone)
{
	const char *input = uci_value(zone, "input");

	return strcasecmp(input ? input : input_default(uci), "ACCEPT") != 0 &&
	       !forwards(uci, zone, false);
}
