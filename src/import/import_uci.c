// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A whole configuration from OpenWrt's: /etc/config/hairpin, with WAN and LAN as network and firewall have them, and the redirects of firewall.
 */
#include <errno.h>

#include "import_internal.h"
#include "import_openwrt.h"
#include "uci_stanzas.h"

static bool has_ours(const struct uci *uci)
{
	for (size_t i = 0; i < uci->n_sections; i++) {
		if (uci_is_of(&uci->sections[i], "hairpin"))
			return true;
	}
	return false;
}

int import_uci(struct import *import, const char *text, struct strbuf *why)
{
	_uci_ struct uci uci = {0};
	const struct uci_section *main_section;
	int ret = uci_parse(text, &uci, why);

	if (ret)
		return ret;
	if (!has_ours(&uci)) {
		strbuf_add(
			why,
			"no section of /etc/config/hairpin in it; `uci export hairpin` prints them");
		return -EINVAL;
	}
	strbuf_add(
		&import->stanzas,
		"# Made of OpenWrt's configuration: hairpin, network and firewall. A change there makes it anew.\n");
	ret = uci_stanzas_write(&uci, import, why);
	main_section = uci_main(&uci);
	if (!main_section || uci_is_on(main_section, UCI_REDIRECTS, true))
		openwrt_take(import, &uci);
	return ret;
}
