// SPDX-License-Identifier: GPL-2.0-or-later
#include "lookup_process.h"

#include <errno.h>
#include <string.h>

#include "cleanup.h"
#include "fd_message.h"
#include "log.h"
#include "reply_addr.h"
#include "upstream.h"

struct process;

struct name {
	struct process *process;
	size_t index;
};

struct process {
	uv_loop_t loop;
	struct dns_upstreams *upstreams;
	struct lookup_report report;
	struct name names[LIMIT_LOOKUP_NAMES];
	size_t open;
};

static void replied(void *data, const struct dns_query *query, int ret, struct dns_reply reply)
{
	const struct name *name = data;
	struct process *process = name->process;
	struct lookup_result *result = &process->report.results[name->index];

	(void)query;
	if (!ret)
		result->answer = dns_reply_addr(reply, DNS_A, &result->addr, &result->ttl_s)
					 ? LOOKUP_FOUND
					 : LOOKUP_NONE;
	/* A server that is broken says nothing of the name. */
	if (!ret && result->answer == LOOKUP_NONE && dns_reply_rcode(reply) != DNS_NOERROR &&
	    dns_reply_rcode(reply) != DNS_NXDOMAIN)
		result->answer = LOOKUP_FAILED;
	if (!--process->open)
		uv_stop(&process->loop);
}

static void ask(struct process *process, size_t index, const char *text)
{
	struct dns_query query = {
		.type = DNS_A, .class = DNS_CLASS_IN, .flags = DNS_RD, .payload = DNS_UDP_PLAIN};
	struct name *name = &process->names[index];

	*name = (struct name){process, index};
	if (dns_name_parse(text, &query.name) ||
	    dns_upstreams_ask(process->upstreams, &query,
			      (struct dns_asker){.replied = replied, .data = name}))
		return;
	process->open++;
}

static int job_do(struct process *process, const struct lookup_job *job)
{
	struct dns_upstream_conf servers[LIMIT_LOOKUP_SERVERS] = {0};

	if (job->n_servers > LIMIT_LOOKUP_SERVERS || job->n_names > LIMIT_LOOKUP_NAMES)
		return -EINVAL;
	for (size_t i = 0; i < job->n_servers; i++) {
		servers[i].addr = job->servers[i].addr;
		servers[i].port = job->servers[i].port;
	}
	process->upstreams = dns_upstreams_make(&process->loop, servers, job->n_servers);
	if (!process->upstreams)
		return -ENOMEM;
	process->report.n_names = job->n_names;
	for (size_t i = 0; i < job->n_names; i++)
		ask(process, i, job->names[i]);
	if (process->open)
		uv_run(&process->loop, UV_RUN_DEFAULT);
	return 0;
}

int lookup_process_run(int fd, int (*ready)(void))
{
	struct process process = {0};
	struct lookup_job job;
	size_t none = 0;
	int ret = uv_loop_init(&process.loop);

	if (!ret)
		ret = ready();
	if (!ret)
		ret = fd_message_receive(fd, &job, sizeof(job), NULL, &none);
	if (!ret)
		ret = job_do(&process, &job);
	if (!ret)
		ret = fd_message_send(fd, &process.report, sizeof(process.report), NULL, 0);
	if (ret)
		log_error("asking for addresses: %s", strerror(-ret));
	return ret != 0;
}
