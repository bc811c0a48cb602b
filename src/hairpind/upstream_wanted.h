/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a configuration and its plan want of the router upstream. A pure function. */
#pragma once

#include "candidate.h"
#include "portmap.h"

#define UPSTREAM_KEY_BYTES 32

/*
 * Into *ret_wanted, without serial and servers; all zero where there is no router to be asked (upstream_parent.h says where). @key: what the nonces are derived from. How many ports had no place.
 */
size_t upstream_wanted_make(const struct candidate *now, const __u8 key[UPSTREAM_KEY_BYTES],
			    struct portmap_wanted *ret_wanted);
