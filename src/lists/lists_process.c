// SPDX-License-Identifier: GPL-2.0-or-later
#include "lists_process.h"

#include <errno.h>
#include <jansson.h>
#include <string.h>

#include "cleanup.h"
#include "fd_message.h"
#include "json_file.h"
#include "list_fetch.h"
#include "lists_job.h"
#include "log.h"

_Static_assert(LISTS_FDS_MAX <= FD_MESSAGE_MAX, "as many as one message takes");

static int job_answer(int fd, json_t *report, int table, int ret)
{
	const struct lists_message message = {.type = LISTS_DONE, .ret = ret};
	_close_ int report_fd = dns_json_seal("lists-report", report);
	const int fds[LISTS_DONE_FDS] = {report_fd, table};

	if (report_fd < 0)
		return report_fd;
	return fd_message_send(fd, &message, sizeof(message), fds, table >= 0 ? 2 : 1);
}

int lists_process_run(int fd, int (*ready)(void))
{
	struct lists_message message;
	int fds[LISTS_FDS_MAX], table = -1;
	json_t *job, *report;
	size_t n = LISTS_FDS_MAX;
	int ret = fetch_begin();

	/* What jansson opens at its first use, it could not open later. */
	json_object_seed(0);
	if (!ret)
		ret = ready();
	if (!ret)
		ret = fd_message_receive(fd, &message, sizeof(message), fds, &n);
	if (ret || message.type != LISTS_JOB || !n) {
		log_error("lists: no job: %s", strerror(ret ? -ret : EINVAL));
		return 1;
	}
	job = dns_json_load(fds[0]);
	report = lists_job_do(job, fds + 1, n - 1, &table, &ret);
	json_decref(job);
	ret = job_answer(fd, report, table, ret);
	json_decref(report);
	if (table >= 0)
		close(table);
	fds_close(fds, n);
	if (ret)
		log_error("lists: %s", strerror(-ret));
	return ret != 0;
}
