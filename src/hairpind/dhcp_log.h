/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What dnsmasq says on its standard error, in the daemon's log: a line each, without what it says at every start. */
#pragma once

#include <uv.h>

#define DHCP_LOG_LINE 512

struct dhcp_log {
	int fd; /* -1: closed */
	uv_poll_t *poll; /* of fd; frees itself */
	char line[DHCP_LOG_LINE]; /* as far as it has come */
	size_t n;
	char last[DHCP_LOG_LINE]; /* for the message about its end */
	void (*ended)(void *data);
	void *data;
};

/* Takes @fd. @ended is called with @data when nobody writes any more; it may close the log. 0 or -errno. */
int dhcp_log_open(struct dhcp_log *log, uv_loop_t *loop, int fd, void (*ended)(void *data),
		  void *data);
/* A closed one is fine. */
void dhcp_log_close(struct dhcp_log *log);
