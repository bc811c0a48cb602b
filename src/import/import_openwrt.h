/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Forwards of OpenWrt's firewall; private to this folder. */
#pragma once

#include "import_source.h"
#include "uci.h"

/* Adds the forwards of /etc/config/firewall in @uci to @import, and a note for each redirect that is none, with the option that is the reason. */
void openwrt_take(struct import *import, const struct uci *uci);
