// SPDX-License-Identifier: GPL-2.0-or-later
#include "dhcp_watch.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <hairpin/limits.h>

#include "cleanup.h"
#include "file.h"
#include "log.h"

struct dhcp_watch {
	uv_loop_t *loop;
	char path[PATH_MAX];
	void (*changed)(void *data);
	void *data;
	int fd; /* of inotify; -1 */
	uv_poll_t *poll; /* of fd; frees itself */
	uv_timer_t *settle; /* runs while dnsmasq writes; frees itself */
	struct dhcp_lease *leases; /* owned */
	size_t n;
};

struct dhcp_watch *dhcp_watch_make(uv_loop_t *loop, const char *path, void (*changed)(void *data),
				   void *data)
{
	struct dhcp_watch *watch = calloc(1, sizeof(*watch));

	if (!watch)
		return NULL;
	watch->loop = loop;
	watch->changed = changed;
	watch->data = data;
	watch->fd = -1;
	snprintf(watch->path, sizeof(watch->path), "%s", path);
	return watch;
}

static void freed(uv_handle_t *handle)
{
	free(handle);
}

void dhcp_watch_free(struct dhcp_watch *watch)
{
	if (!watch)
		return;
	if (watch->poll) {
		uv_poll_stop(watch->poll);
		uv_close((uv_handle_t *)watch->poll, freed);
	}
	if (watch->settle)
		uv_close((uv_handle_t *)watch->settle, freed);
	if (watch->fd >= 0)
		close(watch->fd);
	free(watch->leases);
	free(watch);
}

static bool is_same(const struct dhcp_watch *watch, const struct dhcp_lease *leases, size_t n)
{
	return watch->n == n && (!n || !memcmp(watch->leases, leases, n * sizeof(*leases)));
}

static void leases_read(struct dhcp_watch *watch)
{
	struct dhcp_lease *leases = NULL;
	_free_ char *text = NULL;
	size_t length = 0, n = 0;
	int ret = file_read(watch->path, LIMIT_DHCP_LEASES_BYTES, &text, &length);

	if (!ret)
		ret = dhcp_leases_parse(text, length, &leases, &n);
	if (ret) {
		log_warning("%s: %s", watch->path, strerror(-ret));
		return;
	}
	if (is_same(watch, leases, n)) {
		free(leases);
		return;
	}
	free(watch->leases);
	watch->leases = leases;
	watch->n = n;
	watch->changed(watch->data);
}

static void on_settled(uv_timer_t *timer)
{
	leases_read(timer->data);
}

/* What it says is of no interest: the file is read whole. */
static void on_modified(uv_poll_t *poll, int status, int events)
{
	struct dhcp_watch *watch = poll->data;
	char events_of_file[4096] __attribute__((aligned(8)));

	(void)events;
	while (status >= 0 && read(watch->fd, events_of_file, sizeof(events_of_file)) > 0)
		;
	uv_timer_start(watch->settle, on_settled, DHCP_LEASES_SETTLE_MS, 0);
}

/* A watch needs a file: an empty one is none that dnsmasq would mind. */
static int file_make(const char *path)
{
	_close_ int fd = open(path, O_RDONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);

	return fd < 0 ? -errno : 0;
}

static int handles_start(struct dhcp_watch *watch)
{
	int ret;

	watch->poll = calloc(1, sizeof(*watch->poll));
	watch->settle = calloc(1, sizeof(*watch->settle));
	if (!watch->poll || !watch->settle) {
		free(TAKE_PTR(watch->poll));
		free(TAKE_PTR(watch->settle));
		return -ENOMEM;
	}
	uv_timer_init(watch->loop, watch->settle);
	ret = uv_poll_init(watch->loop, watch->poll, watch->fd);
	if (ret) {
		free(TAKE_PTR(watch->poll));
		return ret;
	}
	watch->poll->data = watch->settle->data = watch;
	return uv_poll_start(watch->poll, UV_READABLE, on_modified);
}

int dhcp_watch_begin(struct dhcp_watch *watch)
{
	int ret;

	if (watch->fd >= 0)
		return 0;
	ret = file_make(watch->path);
	if (ret)
		return ret;
	watch->fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	if (watch->fd < 0)
		return -errno;
	if (inotify_add_watch(watch->fd, watch->path, IN_MODIFY | IN_CLOSE_WRITE) < 0) {
		ret = -errno;
		close(TAKE_FD(watch->fd));
		return ret;
	}
	ret = handles_start(watch);
	if (!ret)
		leases_read(watch);
	return ret;
}

const struct dhcp_lease *dhcp_watch_leases(const struct dhcp_watch *watch, size_t *ret_n)
{
	*ret_n = watch->n;
	return watch->leases;
}
