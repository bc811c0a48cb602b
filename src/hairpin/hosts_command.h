/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the parts of `hairpin hosts` share: hosts.c, hosts_from.c, hosts_follow.c. */
#pragma once

#include <limits.h>

#include "hosts_pin.h"
#include "invocation.h"

/* The file that is written: --hosts, or the machine's. */
const char *hosts_path(const struct invocation *invocation);

/* Puts @lines into it and says so. 0 or -errno, and then the reason is said. */
int hosts_lines_put(const struct invocation *invocation, const struct strbuf *lines);

/* How many there are. */
unsigned int hosts_lines_count(const char *lines);

/* Where the gateway that is known stands. */
void hosts_pin_path(const struct invocation *invocation, char path[PATH_MAX]);

/* What --for takes, by number; NULL: no more. */
const char *hosts_system_name(size_t i);

/* True, and it is said: @what is for root. */
bool hosts_needs_root(const char *what);

/* hosts apply --from. What the command exits with. */
int hosts_apply_from(const struct invocation *invocation);
