/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Following the file of leases. dnsmasq writes it in place at every change, so it is read a moment after the last of a burst, when it is whole.
 *
 * Not by dnsmasq's dhcp-script: that is a helper process with rights of its own, which has let strangers in before (CVE-2026-4892).
 */
#pragma once

#include <uv.h>

#include "leases.h"

struct dhcp_watch;

/* @changed is called with @data when what is leased became another. The file need not be there yet. NULL: no memory. */
struct dhcp_watch *dhcp_watch_make(uv_loop_t *loop, const char *path, void (*changed)(void *data),
				   void *data);
/* Its handles close in the loop. */
void dhcp_watch_free(struct dhcp_watch *watch);

/* Begins to follow, and reads it now. 0 or -errno. Again after it began: nothing. */
int dhcp_watch_begin(struct dhcp_watch *watch);

/* The watch's, until the loop runs again. */
const struct dhcp_lease *dhcp_watch_leases(const struct dhcp_watch *watch, size_t *ret_n);
