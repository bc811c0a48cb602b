// SPDX-License-Identifier: GPL-2.0-or-later
#include "lookup_parent.h"

#include <errno.h>
#include <stdlib.h>

#include "fd_message.h"
#include "log.h"

/* Upstreams are given LIMIT_DNS_ASK_MS, which is less. */
#define SILENT_TICKS 15

struct lookup_parent {
	struct child child;
	struct lookup_job job;
	lookup_done_fn *done;
	void *data;
};

static int process_start(void *owner)
{
	struct lookup_parent *parent = owner;
	int ret = child_spawn(&parent->child, "--lookup", NULL, NULL);

	return ret ? ret : child_send(&parent->child, &parent->job, sizeof(parent->job), NULL, 0);
}

/* What strangers said has passed a process that may be in somebody else's hands. */
static bool report_is_sound(const struct lookup_job *job, const struct lookup_report *report)
{
	if (report->n_names != job->n_names)
		return false;
	for (size_t i = 0; i < report->n_names; i++) {
		const struct lookup_result *result = &report->results[i];

		if (result->answer > LOOKUP_FOUND ||
		    (result->answer == LOOKUP_FOUND && !ip_addr_is_v4(&result->addr)))
			return false;
	}
	return true;
}

static int report_take(void *owner, int fd)
{
	struct lookup_parent *parent = owner;
	struct lookup_report report;
	size_t none = 0;
	int ret = fd_message_receive(fd, &report, sizeof(report), NULL, &none);

	if (ret)
		return ret;
	child_end(&parent->child);
	parent->done(parent->data, &parent->job,
		     report_is_sound(&parent->job, &report) ? &report : NULL);
	return 0;
}

static void process_lost(void *owner, bool is_hung)
{
	struct lookup_parent *parent = owner;

	log_warning("asking for addresses: the process %s",
		    is_hung ? "hangs and is ended" : "ended before it was done");
	parent->done(parent->data, &parent->job, NULL);
}

static const struct child_kind kind = {
	.name = "the process that asks for addresses",
	.place = LOOKUP_PROCESS_FD,
	.silent_ticks = SILENT_TICKS,
	.start = process_start,
	.take = report_take,
	.lost = process_lost,
};

struct lookup_parent *lookup_parent_make(struct children *children, lookup_done_fn *done,
					 void *data)
{
	struct lookup_parent *parent = calloc(1, sizeof(*parent));

	if (!parent)
		return NULL;
	child_init(&parent->child, children, &kind, parent);
	parent->done = done;
	parent->data = data;
	return parent;
}

void lookup_parent_free(struct lookup_parent *parent)
{
	if (!parent)
		return;
	child_fini(&parent->child);
	free(parent);
}

bool lookup_parent_runs(const struct lookup_parent *parent)
{
	return child_runs(&parent->child);
}

int lookup_parent_ask(struct lookup_parent *parent, const struct lookup_job *job)
{
	if (child_runs(&parent->child))
		return -EBUSY;
	parent->job = *job;
	return child_start(&parent->child);
}

void lookup_parent_tick(struct lookup_parent *parent)
{
	if (child_runs(&parent->child))
		child_tick(&parent->child);
}
