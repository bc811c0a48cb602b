// SPDX-License-Identifier: GPL-2.0-or-later
#include "upstream_process.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

#include "cleanup.h"
#include "clock.h"
#include "fd_message.h"
#include "inquiry.h"
#include "log.h"
#include "sandbox.h"

/* Reports are this far apart: a router that talks all the time does not keep the daemon busy. */
#define REPORT_APART_MS 100
/* libminiupnpc keeps whatever a router sends; what it has beyond this is refused, and the job fails. */
#define MEMORY_MORE_BYTES (64UL * 1024 * 1024)

struct process {
	int daemon;
	struct inquiry inquiry;
	struct portmap_report report;
	__u64 reported_ms;
	bool is_asked;
};

/* Beyond what is there now, as a build with sanitizers has terabytes of addresses. Before the sandbox, which has no file. */
static int memory_bound(void)
{
	_fclose_ FILE *file = fopen("/proc/self/status", "re");
	unsigned long kilobytes = 0;
	char line[256];
	struct rlimit limit;

	while (file && fgets(line, sizeof(line), file)) {
		if (sscanf(line, "VmData: %lu kB", &kilobytes) == 1)
			break;
	}
	if (!kilobytes)
		return -EIO;
	limit.rlim_cur = limit.rlim_max = kilobytes * 1024 + MEMORY_MORE_BYTES;
	return setrlimit(RLIMIT_DATA, &limit) ? -errno : 0;
}

/* 0; -EAGAIN: there is nothing; else it is over. */
static int daemon_hear(struct process *process)
{
	struct upstream_order order;
	size_t none = 0;
	int ret = fd_message_receive(process->daemon, &order, sizeof(order), NULL, &none);

	if (ret)
		return ret;
	process->is_asked = true;
	if (order.type == UPSTREAM_ORDER_SET)
		inquiry_set(&process->inquiry, &order.wanted, clock_monotonic_ms());
	return 0;
}

/* A daemon that has no time now is told later, what is true then. */
static int report(struct process *process)
{
	__u64 now = clock_monotonic_ms();
	int ret;

	if (!process->is_asked &&
	    (!process->inquiry.has_news || now < process->reported_ms + REPORT_APART_MS))
		return 0;
	inquiry_report(&process->inquiry, &process->report);
	ret = fd_message_send(process->daemon, &process->report, sizeof(process->report), NULL, 0);
	process->reported_ms = now;
	process->is_asked = false;
	if (ret == -EAGAIN)
		process->inquiry.has_news = true;
	return ret == -EAGAIN ? 0 : ret;
}

static int turn(struct process *process)
{
	struct pollfd polled[1 + INQUIRY_POLLED];
	int wait_ms = inquiry_polled(&process->inquiry, polled + 1, clock_monotonic_ms());
	int ret = 0;

	polled[0] = (struct pollfd){.fd = process->daemon, .events = POLLIN};
	if (process->inquiry.has_news && (wait_ms < 0 || wait_ms > REPORT_APART_MS))
		wait_ms = REPORT_APART_MS;
	if (poll(polled, ARRAY_SIZE(polled), wait_ms) < 0)
		return errno == EINTR ? 0 : -errno;
	inquiry_serve(&process->inquiry, polled + 1, clock_monotonic_ms());
	if (polled[0].revents)
		ret = daemon_hear(process);
	if (ret && ret != -EAGAIN)
		return ret;
	return report(process);
}

int upstream_process_run(int daemon)
{
	static struct process process; /* some 200 kB */
	int ret = memory_bound();

	if (!ret)
		ret = sandbox_enter(&sandbox_upstream);
	if (!ret && fcntl(daemon, F_SETFL, O_NONBLOCK))
		ret = -errno;
	process.daemon = daemon;
	if (!ret)
		ret = inquiry_init(&process.inquiry);
	while (!ret)
		ret = turn(&process);
	if (ret != -EPIPE)
		log_error("asking the router upstream: %s", strerror(-ret));
	return ret != -EPIPE;
}
