// SPDX-License-Identifier: GPL-2.0-or-later
#include "notify.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "cleanup.h"
#include "clock.h"
#include "log.h"
#include "strbuf.h"

static void take_address(struct notify *notify, const char *name)
{
	size_t length = name ? strlen(name) : 0;

	/* Others than of the file system and the abstract namespace there are, and no manager of this protocol has them for a service on the same machine. */
	if (length < 2 || length >= sizeof(notify->address.sun_path) ||
	    (name[0] != '/' && name[0] != '@'))
		return;
	notify->address.sun_family = AF_UNIX;
	memcpy(notify->address.sun_path, name, length);
	if (name[0] == '@') /* the abstract namespace */
		notify->address.sun_path[0] = '\0';
	notify->length = (socklen_t)(length + offsetof(struct sockaddr_un, sun_path));
}

/* Twice in the time that it has, as sd_watchdog_enabled(3) recommends. */
static void take_watchdog(struct notify *notify, const char *usec, const char *pid)
{
	unsigned long long us = usec ? strtoull(usec, NULL, 10) : 0;

	/* Of a process that started this one, and did not take it out of the environment. */
	if (pid && strtol(pid, NULL, 10) != getpid())
		return;
	notify->watchdog_ms = us / 2000;
	if (us && !notify->watchdog_ms)
		notify->watchdog_ms = 1;
}

void notify_init(struct notify *notify)
{
	*notify = (struct notify){0};
	take_address(notify, getenv("NOTIFY_SOCKET"));
	take_watchdog(notify, getenv("WATCHDOG_USEC"), getenv("WATCHDOG_PID"));
	unsetenv("NOTIFY_SOCKET");
	unsetenv("WATCHDOG_USEC");
	unsetenv("WATCHDOG_PID");
}

/* A socket for each: the manager may have been started anew and have another one behind the name. */
static void say(const struct notify *notify, const char *text, int flags)
{
	_close_ int fd = -1;

	if (!notify->length)
		return;
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	/* That nobody hears it, as of a command that waited for READY=1 alone, is no matter for the log. */
	if (fd < 0 || sendto(fd, text, strlen(text), MSG_NOSIGNAL | flags,
			     (const struct sockaddr *)&notify->address, notify->length) < 0)
		log_debug("the service manager cannot be told: %m");
}

static void say_with_status(const struct notify *notify, const char *what, const char *status)
{
	_strbuf_ struct strbuf text = {0};

	/* A line of its own each: what is behind the first one of a status would be taken for another word. */
	strbuf_add(&text, "%sSTATUS=%.*s\n", what, (int)strcspn(status, "\n"), status);
	say(notify, strbuf_text(&text), 0);
}

void notify_ready(const struct notify *notify, const char *status)
{
	say_with_status(notify, "READY=1\n", status);
}

void notify_status(const struct notify *notify, const char *status)
{
	say_with_status(notify, "", status);
}

void notify_reloading(const struct notify *notify)
{
	_strbuf_ struct strbuf text = {0};

	/* By it a manager tells this reload from one before; rounded to less it would count as that. */
	strbuf_add(&text, "RELOADING=1\nMONOTONIC_USEC=%llu\n",
		   (unsigned long long)clock_monotonic_us());
	say(notify, strbuf_text(&text), 0);
}

void notify_stopping(const struct notify *notify)
{
	say(notify, "STOPPING=1\n", 0);
}

static void on_alive(uv_timer_t *timer)
{
	/* There is another one soon, and a manager that is too busy to read is none to wait for. */
	say(timer->data, "WATCHDOG=1\n", MSG_DONTWAIT);
}

void notify_watch(struct notify *notify, uv_loop_t *loop)
{
	if (!notify->length || !notify->watchdog_ms)
		return;
	uv_timer_init(loop, &notify->alive);
	notify->alive.data = notify;
	uv_timer_start(&notify->alive, on_alive, notify->watchdog_ms, notify->watchdog_ms);
}
