// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * hairpind: one process, root with the few capabilities that privileges.c names. With --confirm it starts a second
 * one first, the guardian (guardian.h), which lives until the apply is confirmed or taken back. Where the configuration has `dns`, a third one reads
 * what clients ask (dns_parent.h), with no rights at all; another one writes down what was asked (log_parent.h); where it has `hosts-service`, one
 * answers machines that ask for names (hosts_parent.h); in role bypass, one reads what servers answer to the outside (gateway_probe.h); behind another
 * router, one asks that one for forwards (upstream_parent.h); and where it has lists, one reads these and ends (lists_parent.h).
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>

#include "conf.h"
#include "daemon.h"
#include "dhcp_process.h"
#include "dns_parent.h"
#include "feature.h"
#include "gateway_process.h"
#include "guardian.h"
#include "hosts_process.h"
#include "lists_process.h"
#include "log.h"
#include "log_parent.h"
#include "lookup_process.h"
#include "prepare.h"
#include "process.h"
#include "sandbox.h"
#include "upstream_process.h"
#include "version.h"

/* hairpind -n, -nv: the configuration alone, without the machine. */
static int check_only(const struct options *options)
{
	_strbuf_ struct strbuf errors = {0}, out = {0};
	_conf_ struct conf *conf = NULL;

	if (conf_load(options->conf, &conf, &errors)) {
		fputs(strbuf_text(&errors), stderr);
		return 1;
	}
	if (options->verbose) {
		conf_print(conf, &out);
		fputs(strbuf_text(&out), stdout);
	}
	return 0;
}

static int run(const struct options *options)
{
	struct daemon daemon;
	int ret = log_level_share();

	if (ret)
		log_warning("hairpin log-level will not reach other processes: %s", strerror(-ret));
	ret = daemon_start(&daemon, options);
	if (!ret)
		events_run(&daemon);
	daemon_stop(&daemon);
	return ret != 0;
}

static int dns_sandbox(void)
{
	return sandbox_enter(&sandbox_dns);
}

static int lists_sandbox(void)
{
	return sandbox_enter(&sandbox_lists);
}

static int lists_fetch_sandbox(void)
{
	return sandbox_enter(&sandbox_lists_fetch);
}

static void say_version(struct strbuf *out)
{
	strbuf_add(out, "hairpind %s\n", HAIRPIN_VERSION);
	features_print(out);
}

static int say(const struct options *options)
{
	_strbuf_ struct strbuf out = {0};

	if (options->version)
		say_version(&out);
	else
		options_help(&out);
	fputs(strbuf_text(&out), stdout);
	return 0;
}

static const char *process_name(const struct options *options)
{
	const struct {
		bool is_it;
		const char *name;
	} processes[] = {
		{options->guardian, "guardian"}, {options->dns, "dns"},
		{options->dhcp, "dhcp"},	 {options->lists || options->lists_fetch, "lists"},
		{options->log, "query-log"},	 {options->gateway, "gateway-probe"},
		{options->lookup, "lookup"},	 {options->hosts, "hosts-service"},
		{options->upstream, "upstream"}, {true, "daemon"},
	};
	size_t i = 0;

	while (!processes[i].is_it)
		i++;
	return processes[i].name;
}

static void start_log(const struct options *options)
{
	int ret = options->level_fd ? log_level_follow(atoi(options->level_fd)) : 0;

	log_open(process_name(options));
	if (options->verbose)
		log_level_set(LOG_DEBUG);
	if (ret)
		log_warning("the level of the log stays what it is: %s", strerror(-ret));
}

/* What it is started as. */
static int be(const struct options *options)
{
	if (options->lists || options->lists_fetch)
		return lists_process_run(LISTS_PROCESS_FD, options->lists_fetch
								   ? lists_fetch_sandbox
								   : lists_sandbox);
	if (options->dns)
		return dns_process_run(DNS_PARENT_FD, dns_sandbox);
	if (options->dhcp)
		return dhcp_process_run(options->state);
	if (options->gateway)
		return gateway_process_run(GATEWAY_PROCESS_FD);
	if (options->hosts)
		return hosts_process_run(HOSTS_PROCESS_FD);
	if (options->upstream)
		return upstream_process_run(UPSTREAM_PROCESS_FD);
	if (options->lookup)
		return lookup_process_run(LOOKUP_PROCESS_FD, dns_sandbox);
	if (options->log)
		return log_parent_process(options->state);
	if (options->prepare)
		return prepare_run(options);
	return options->guardian ? guardian_run(options) : run(options);
}

int main(int argc, char **argv)
{
	int code;
	_strbuf_ struct strbuf why = {0};
	struct options options;

	/* Started as /proc/self/exe by the guardian, it would be called "exe". */
	prctl(PR_SET_NAME, "hairpind");
	setvbuf(stderr, NULL, _IOLBF, 0);
	if (options_parse(argc, argv, &options, &why)) {
		log_error("%s", strbuf_text(&why));
		return 2;
	}
	if (options.help || options.version)
		return say(&options);
	if (options.check)
		return check_only(&options);
	start_log(&options);
	code = be(&options);
	log_close();
	return code;
}
