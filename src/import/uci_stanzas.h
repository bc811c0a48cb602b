/* SPDX-License-Identifier: GPL-2.0-or-later */
/* /etc/config/hairpin as YAML; private to this folder. */
#pragma once

#include "import_source.h"
#include "uci.h"

/* The section that says what belongs to no stanza, and its options that are for OpenWrt alone. */
#define UCI_MAIN "hairpin"
#define UCI_REDIRECTS "redirects"

/* The one section UCI_MAIN of the package, or NULL. */
const struct uci_section *uci_main(const struct uci *uci);

/*
 * Writes the stanzas of @uci to @import. The schema says what there is, so that each key of hairpin.yaml(5) is an option with "_" in the place of "-". WAN interface and segments are
 * those of OpenWrt's firewall, where nothing says them.
 *
 * 0; -EINVAL with what is wrong in @why, a line each but for the last line's end: something that is said and would have no effect is never left out.
 */
int uci_stanzas_write(const struct uci *uci, struct import *import, struct strbuf *why);
