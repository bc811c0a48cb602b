// SPDX-License-Identifier: GPL-2.0-or-later
#include "dhcp_parent.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <hairpin/limits.h>

#include "config.h"
#include "dhcp_log.h"
#include "dhcp_port.h"
#include "dhcp_process.h"
#include "dhcp_scan.h"
#include "dhcp_watch.h"
#include "log.h"

struct dhcp_parent {
	struct child child;
	struct dhcp_parent_options options;
	struct strbuf config; /* of dnsmasq, in force; empty: DHCP is off */
	size_t n_segments;
	struct dhcp_log log; /* what it says */
	struct dhcp_watch *watch;
	struct dhcp_scan *scan;
};

/* --- the process ------------------------------------------------------------------------------- */

/* What it is told, in a file in memory: none that is half written or of yesterday can be in its place. */
static int config_file(const struct strbuf *config)
{
	_close_ int fd = memfd_create("dnsmasq.conf", MFD_CLOEXEC | MFD_ALLOW_SEALING);

	if (fd < 0 || write(fd, config->text, config->length) != (ssize_t)config->length ||
	    fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL))
		return errno ? -errno : -EIO;
	return TAKE_FD(fd);
}

static int process_start(void *owner)
{
	struct dhcp_parent *parent = owner;
	_close_ int config = config_file(&parent->config);
	const struct spawn_fd also = {config, DHCP_CONFIG_FD};
	int ret = config < 0 ? config : dhcp_watch_begin(parent->watch);

	parent->log = (struct dhcp_log){0};
	return ret ? ret : child_spawn(&parent->child, "--dhcp", parent->options.state, &also);
}

static int log_take(void *owner, int fd)
{
	return dhcp_log_take(&((struct dhcp_parent *)owner)->log, fd);
}

static const char *last_words(void *owner)
{
	return ((struct dhcp_parent *)owner)->log.last;
}

/* It gets the time to write its leases: a kill in the middle of that would leave half of them. Some milliseconds; or all of them for one that is hung. */
static const struct child_kind kind = {
	.name = "dnsmasq",
	.consequence = "it is started again",
	.is_piped = true,
	.place = STDERR_FILENO,
	.end_signal = SIGTERM,
	.end_ms = DHCP_END_MS,
	.start = process_start,
	.take = log_take,
	.last_words = last_words,
};

struct dhcp_parent *dhcp_parent_make(const struct dhcp_parent_options *options)
{
	struct dhcp_parent *parent = calloc(1, sizeof(*parent));
	char path[PATH_MAX];

	if (!parent)
		return NULL;
	snprintf(path, sizeof(path), "%s/" DHCP_LEASES_FILE, options->state);
	parent->options = *options;
	child_init(&parent->child, options->children, &kind, parent);
	parent->watch =
		dhcp_watch_make(options->children->loop, path, options->changed, options->data);
	parent->scan = dhcp_scan_make(options->children->loop);
	if (!parent->watch || !parent->scan) {
		dhcp_parent_free(parent);
		return NULL;
	}
	return parent;
}

/* --- the daemon's ------------------------------------------------------------------------------ */

int dhcp_parent_prepare(const struct dhcp_parent *parent, const struct plan_dhcp *dhcp,
			struct strbuf *why)
{
	if (!dhcp->n_segments)
		return 0;
	if (!dhcp_process_program()) {
		strbuf_add(why, "dhcp: dnsmasq is not installed; Debian has it as dnsmasq-base\n");
		return -ENOENT;
	}
	/* It is ours that holds the port. */
	if (child_runs(&parent->child))
		return 0;
	return dhcp_port_check(dhcp, why);
}

void dhcp_parent_apply(struct dhcp_parent *parent, const struct plan_dhcp *dhcp)
{
	_strbuf_ struct strbuf config = {0};

	dhcp_scan_apply(parent->scan, dhcp);
	parent->n_segments = dhcp->n_segments;
	if (dhcp->n_segments)
		dhcp_config_write(dhcp, DHCP_LEASES_PATH, &config);
	if (!strcmp(strbuf_text(&config), strbuf_text(&parent->config)))
		return;
	strbuf_fini(&parent->config);
	parent->config = config;
	config = (struct strbuf){0};
	child_end(&parent->child);
	if (parent->config.length)
		child_start(&parent->child);
	/* Leases of a segment that is gone are nobody's names any more. */
	parent->options.changed(parent->options.data);
}

void dhcp_parent_tick(struct dhcp_parent *parent)
{
	dhcp_scan_tick(parent->scan);
	if (parent->config.length)
		child_tick(&parent->child);
}

void dhcp_parent_free(struct dhcp_parent *parent)
{
	if (!parent)
		return;
	child_fini(&parent->child);
	dhcp_watch_free(parent->watch);
	dhcp_scan_free(parent->scan);
	strbuf_fini(&parent->config);
	free(parent);
}

const struct dhcp_lease *dhcp_parent_leases(const struct dhcp_parent *parent, size_t *ret_n)
{
	return dhcp_watch_leases(parent->watch, ret_n);
}

json_t *dhcp_parent_answer(const struct dhcp_parent *parent)
{
	size_t n;

	dhcp_watch_leases(parent->watch, &n);
	return json_pack("{s:b, s:i, s:I, s:I, s:o}", "on", parent->config.length > 0, "process",
			 (int)parent->child.pid, "restarts", (json_int_t)parent->child.restarts,
			 "leases", (json_int_t)n, "foreign", dhcp_scan_answer(parent->scan));
}

void dhcp_parent_warnings(const struct dhcp_parent *parent, struct strbuf *out)
{
	dhcp_scan_warnings(parent->scan, out);
}
