/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the service manager is told, by the protocol of sd_notify(3): datagrams to the socket that the environment names. Ours, and not libsystemd's, which is not there where another
 * manager speaks the same protocol.
 */
#pragma once

#include <linux/types.h>
#include <sys/un.h>
#include <uv.h>

struct notify {
	struct sockaddr_un address;
	socklen_t length; /* of it; 0: nobody wants to be told */
	__u64 watchdog_ms; /* how often it wants to hear that we live; 0: never */
	uv_timer_t alive;
};

/* Takes it all out of the environment: the guardian, and a daemon that it starts, say nothing in our name. */
void notify_init(struct notify *notify);

/* It is up, or has reloaded; @status is one line for people. */
void notify_ready(const struct notify *notify, const char *status);
void notify_status(const struct notify *notify, const char *status);
/* It is about to reload; notify_ready() ends that, whatever came of it. */
void notify_reloading(const struct notify *notify);
void notify_stopping(const struct notify *notify);

/* From now on says by itself that it lives, for as long as @loop goes round. The handle closes with the loop. */
void notify_watch(struct notify *notify, uv_loop_t *loop);
