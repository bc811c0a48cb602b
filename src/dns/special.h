/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Names that mean something of themselves and never go upstream: localhost, the reverse zones of private networks, names by which clients ask whether
 * they may go around their network's resolver.
 */
#pragma once

#include "rewrites.h"

/*
 * They are rewrites like any other, in a table of their own that is asked behind the operator's: who has a host.home.arpa or a reverse zone says so
 * there. NULL: no memory.
 */
struct dns_rewrites *dns_special_make(void);
