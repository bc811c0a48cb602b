/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What dnsmasq says on its standard error, in the daemon's log: a line each, without what it says at every start. */
#pragma once

#include <stddef.h>

#define DHCP_LOG_LINE 512

struct dhcp_log {
	char line[DHCP_LOG_LINE]; /* as far as it has come */
	size_t n;
	char last[DHCP_LOG_LINE]; /* for the message about its end */
};

/* Takes what there is to be read at @fd. 0; -EAGAIN: nothing; -EPIPE: nobody writes any more. */
int dhcp_log_take(struct dhcp_log *log, int fd);
