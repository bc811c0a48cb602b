// SPDX-License-Identifier: GPL-2.0-or-later
/* In a build without `dns`: a hosts file is written from a configuration, but no gateway can prove that it is one. */
#include <stdio.h>

#include <hairpin/control.h>

#include "commands.h"
#include "feature.h"
#include "findings.h"
#include "hosts_command.h"

static int refuse(const char *what)
{
	fprintf(stderr, "hairpin: %s: %s\n", what, feature_lacks(FEATURE_DNS));
	return CONTROL_EXIT_USAGE;
}

/* There is no DNS server, nor an upstream, that would have one. */
void check_certificates(struct check *check _unused_)
{
}

int hosts_apply_from(const struct invocation *invocation _unused_)
{
	return refuse("--from");
}

int command_hosts_watch(const struct invocation *invocation _unused_)
{
	return refuse("hosts watch");
}
