// SPDX-License-Identifier: GPL-2.0-or-later
#include "dhcp_parent.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <hairpin/limits.h>

#include "config.h"
#include "dhcp_log.h"
#include "dhcp_port.h"
#include "dhcp_process.h"
#include "dhcp_scan.h"
#include "dhcp_watch.h"
#include "log.h"
#include "spawn_self.h"

/* A look at a process that was told to end. */
#define END_LOOK_MS 5

struct dhcp_parent {
	struct dhcp_parent_options options;
	struct strbuf config; /* of dnsmasq, in force; empty: DHCP is off */
	size_t n_segments;
	pid_t pid; /* 0: none runs */
	struct dhcp_log log; /* what it says */
	unsigned int starts; /* since it was last alive for a tick */
	__u64 restarts;
	struct dhcp_watch *watch;
	struct dhcp_scan *scan;
};

struct dhcp_parent *dhcp_parent_make(const struct dhcp_parent_options *options)
{
	struct dhcp_parent *parent = calloc(1, sizeof(*parent));
	char path[PATH_MAX];

	if (!parent)
		return NULL;
	snprintf(path, sizeof(path), "%s/" DHCP_LEASES_FILE, options->state);
	parent->options = *options;
	parent->log.fd = -1;
	parent->watch = dhcp_watch_make(options->loop, path, options->changed, options->data);
	parent->scan = dhcp_scan_make(options->loop);
	if (!parent->watch || !parent->scan) {
		dhcp_parent_free(parent);
		return NULL;
	}
	return parent;
}

/* --- the process ------------------------------------------------------------------------------- */

static void wait_ms(unsigned int ms)
{
	const struct timespec time = {.tv_nsec = ms * 1000000L};

	nanosleep(&time, NULL);
}

/*
 * With the time to write its leases: a kill in the middle of that would leave half of them. The loop waits, which takes some milliseconds, or DHCP_END_MS for one that is
 * hung. Its status, as waitpid() has it.
 */
static int process_end(struct dhcp_parent *parent)
{
	int status = 0;
	pid_t gone = 0;

	dhcp_log_close(&parent->log);
	if (!parent->pid)
		return 0;
	kill(parent->pid, SIGTERM);
	for (unsigned int ms = 0; ms < DHCP_END_MS && !gone; ms += END_LOOK_MS) {
		gone = waitpid(parent->pid, &status, WNOHANG);
		if (!gone)
			wait_ms(END_LOOK_MS);
	}
	if (!gone) {
		kill(parent->pid, SIGKILL);
		while (waitpid(parent->pid, &status, 0) < 0 && errno == EINTR)
			;
	}
	parent->pid = 0;
	return status;
}

static void process_start(struct dhcp_parent *parent);

/* The end of what it says is its own. */
static void process_died(void *data)
{
	struct dhcp_parent *parent = data;
	int pid = (int)parent->pid, status;
	char last[DHCP_LOG_LINE + 2];

	snprintf(last, sizeof(last), "%s%s", *parent->log.last ? ": " : "", parent->log.last);
	status = process_end(parent);
	if (WIFSIGNALED(status))
		log_warning("dnsmasq (%d) was ended by SIG%s; it is started again", pid,
			    sigabbrev_np(WTERMSIG(status)));
	else
		log_warning("dnsmasq (%d) ended with status %d%s; it is started again", pid,
			    WEXITSTATUS(status), last);
	parent->restarts++;
	/* One that dies at its start is left to the tick. */
	if (parent->starts < 2)
		process_start(parent);
}

/* What it is told, in a file in memory: none that is half written or of yesterday can be in its place. */
static int config_file(const struct strbuf *config)
{
	_close_ int fd = memfd_create("dnsmasq.conf", MFD_CLOEXEC | MFD_ALLOW_SEALING);

	if (fd < 0 || write(fd, config->text, config->length) != (ssize_t)config->length ||
	    fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL))
		return errno ? -errno : -EIO;
	return TAKE_FD(fd);
}

static int process_spawn(struct dhcp_parent *parent, int config, int log)
{
	char name[] = "hairpind", option[] = "--dhcp", folder[] = "-d", state[PATH_MAX];
	char *const argv[] = {name, option, folder, state, NULL};
	const struct spawn_fd fds[] = {{log, STDERR_FILENO}, {config, DHCP_CONFIG_FD}};

	snprintf(state, sizeof(state), "%s", parent->options.state);
	return spawn_self_with(argv, fds, ARRAY_SIZE(fds), &parent->pid);
}

/* Both ends of a pipe; descriptors above those that the process gets its own by. */
static int pipe_open(int ends[2])
{
	int low[2], ret = 0;

	if (pipe2(low, O_CLOEXEC))
		return -errno;
	for (unsigned int i = 0; i < 2; i++) {
		ends[i] = fcntl(low[i], F_DUPFD_CLOEXEC, DHCP_CONFIG_FD + 1);
		if (ends[i] < 0)
			ret = -errno;
		close(low[i]);
	}
	return ret;
}

static void process_start(struct dhcp_parent *parent)
{
	_close_ int config = config_file(&parent->config), log = -1;
	int ends[2] = {-1, -1};
	int ret = config < 0 ? config : dhcp_watch_begin(parent->watch);

	parent->starts++;
	if (!ret)
		ret = pipe_open(ends);
	log = ends[1];
	if (!ret)
		ret = dhcp_log_open(&parent->log, parent->options.loop, ends[0], process_died,
				    parent);
	if (!ret)
		ret = process_spawn(parent, config, log);
	if (!ret)
		return;
	log_error("cannot start dnsmasq: %s", strerror(-ret));
	process_end(parent);
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
	if (parent->pid)
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
	process_end(parent);
	if (parent->config.length)
		process_start(parent);
	/* Leases of a segment that is gone are nobody's names any more. */
	parent->options.changed(parent->options.data);
}

pid_t dhcp_parent_pid(const struct dhcp_parent *parent)
{
	return parent->pid;
}

void dhcp_parent_tick(struct dhcp_parent *parent)
{
	parent->starts = 0;
	dhcp_scan_tick(parent->scan);
	if (parent->config.length && !parent->pid)
		process_start(parent);
}

void dhcp_parent_free(struct dhcp_parent *parent)
{
	if (!parent)
		return;
	process_end(parent);
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
			 (int)parent->pid, "restarts", (json_int_t)parent->restarts, "leases",
			 (json_int_t)n, "foreign", dhcp_scan_answer(parent->scan));
}

void dhcp_parent_warnings(const struct dhcp_parent *parent, struct strbuf *out)
{
	dhcp_scan_warnings(parent->scan, out);
}
