// SPDX-License-Identifier: GPL-2.0-or-later
#include "outcome.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "ring.h"

int dns_log_open(struct dns_log *log, int fd)
{
	struct dns_ring *ring = NULL;

	if (fd >= 0) {
		ring = dns_ring_open(fd);
		if (!ring)
			return -errno;
	}
	dns_ring_close(log->ring);
	log->ring = ring;
	log->labels_due = log->n_labels > 0;
	return 0;
}

void dns_log_fini(struct dns_log *log)
{
	dns_ring_close(log->ring);
	free(log->labels);
	*log = (struct dns_log){0};
}

static struct dns_label *label_place(struct dns_log *log, enum dns_label_kind kind, __u8 number)
{
	struct dns_label *more;

	for (size_t i = 0; i < log->n_labels; i++) {
		if (log->labels[i].kind == kind && log->labels[i].number == number)
			return &log->labels[i];
	}
	more = reallocarray(log->labels, log->n_labels + 1, sizeof(*more));
	if (!more)
		return NULL;
	log->labels = more;
	return &more[log->n_labels++];
}

/* Without memory for it the log shows a number. */
void dns_log_label(struct dns_log *log, enum dns_label_kind kind, __u8 number, const char *text)
{
	struct dns_label *label = label_place(log, kind, number);

	if (!label)
		return;
	*label = (struct dns_label){.kind = kind, .number = number};
	strncpy(label->text, text, sizeof(label->text) - 1);
	log->labels_due = true;
}

/* In front of the queries that they are for. Where there is no room for all, all come again later: there is none for queries then either. */
static void labels_put(struct dns_log *log)
{
	for (size_t i = 0; i < log->n_labels; i++) {
		if (!dns_ring_put_label(log->ring, &log->labels[i]))
			return;
	}
	log->labels_due = false;
}

void dns_log_note(struct dns_log *log, const struct dns_note *note)
{
	dns_log_count(log, note->outcome.count);
	if (!log->ring)
		return;
	if (log->labels_due)
		labels_put(log);
	dns_ring_put(log->ring, note);
}
