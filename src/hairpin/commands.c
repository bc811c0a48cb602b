// SPDX-License-Identifier: GPL-2.0-or-later
#include "commands.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <hairpin/control.h>
#include <hairpin/limits.h>

#include "feature.h"
#include "version.h"

const struct command commands[] = {
	{"status", "", "one screen: what runs, what it serves, what it waits for", TAKES_JSON, 0,
	 command_status},
	{"show services", "", "the declared services with a verdict each", TAKES_JSON, 0,
	 command_show_services},
	{"show mappings", "", "external ports and who holds them", TAKES_JSON, 0,
	 command_show_mappings},
	{"show sessions", "", "who talks to whom now", TAKES_JSON, 0, command_show_sessions},
	{"show ports", "", "external ports in use, and who has most", TAKES_JSON, 0,
	 command_show_ports},
	{"show drops", "", "packets by reason, and what happened beside", TAKES_JSON, 0,
	 command_show_drops},
	{"show leases", "", "addresses given out by DHCP, and who has them",
	 TAKES_JSON | TAKES_FOLLOW, 0, command_show_leases},
	{"show lists", "",
	 "block and allow lists: how many names, when they were read, what went wrong", TAKES_JSON,
	 0, command_show_lists},
	{"show queries", "", "what was asked of the DNS server, and what became of it",
	 TAKES_JSON | TAKES_QUERIES | TAKES_FOLLOW, 0, command_show_queries},
	{"show top", "[clients|names|blocked]", "who asks most, and for what",
	 TAKES_JSON | TAKES_SINCE, 1, command_show_top},
	{"show facts", "", "the network as the daemon sees it", TAKES_JSON, 0, command_show_facts},
	{"check", "[FILE]", "what would apply here, and what stands against it",
	 TAKES_JSON | TAKES_FACTS, 1, command_check},
	{"export", "TARGET [FILE]",
	 "the plan in the words of iptables, RouterOS, dnsmasq, Pi-hole and others", TAKES_FACTS, 2,
	 command_export},
	{"hosts apply", "[FILE]", "the names into this machine's hosts file, in a block of ours",
	 TAKES_FACTS | TAKES_HOSTS | TAKES_FROM, 1, command_hosts_apply},
	{"hosts remove", "", "take that block out again", TAKES_HOSTS, 0, command_hosts_remove},
	{"hosts watch", "", "that block only while the gateway of `--from` proves to be there",
	 TAKES_HOSTS, 0, command_hosts_watch},
	{"hosts print", "[FILE]",
	 "the names for a machine without hairpin, with what is to be done there",
	 TAKES_FACTS | TAKES_SYSTEM, 1, command_hosts_print},
	{"import", "SOURCE [FILE]",
	 "services of the forwards that iptables, nftables or OpenWrt has", 0, 2, command_import},
	{"apply", "[FILE]", "put a configuration in force",
	 TAKES_JSON | TAKES_CONFIRM | TAKES_FORCE, 1, command_apply},
	{"confirm", "", "keep what `apply --confirm` put in force", TAKES_JSON, 0, command_confirm},
	{"reload", "", "read the configuration file again", TAKES_JSON, 0, command_reload},
	{"rewrite add", "DOMAIN ANSWER...", "answer a name by yourself, beside the configuration",
	 TAKES_JSON, 1 + LIMIT_ADDRS_PER_REWRITE, command_rewrite_add},
	{"rewrite remove", "DOMAIN", "what was added so is gone", TAKES_JSON, 1,
	 command_rewrite_remove},
	{"rewrite list", "", "names that were added so", TAKES_JSON, 0, command_rewrite_list},
	{"reservation add", "MAC ADDRESS [NAME]", "always lease that address to that machine",
	 TAKES_JSON, 3, command_reservation_add},
	{"reservation remove", "MAC", "what was added so is gone", TAKES_JSON, 1,
	 command_reservation_remove},
	{"reservation list", "", "reservations that were added so", TAKES_JSON, 0,
	 command_reservation_list},
	{"blocking off", "[DURATION]", "block lists do not count, for a time or until switched on",
	 TAKES_JSON, 1, command_blocking_off},
	{"blocking on", "", "they do again", TAKES_JSON, 0, command_blocking_on},
	{"blocking", "", "whether they do", TAKES_JSON, 0, command_blocking},
	{"pause", "[DURATION]",
	 "what somebody takes away from the kernel is not put back meanwhile", TAKES_JSON, 1,
	 command_pause},
	{"resume", "", "it is again, and what is missing at once", TAKES_JSON, 0, command_resume},
	{"log-level", "[error|warning|info|debug]", "how much hairpind logs, until it ends",
	 TAKES_JSON, 1, command_log_level},
	{"detach", "", "remove all that hairpin has in the kernel, and end the daemon", TAKES_JSON,
	 0, command_detach},
	{"demo", "[ACT]", "the story in network namespaces, touching nothing here: gateway, bypass",
	 0, 1, command_demo},
	{"completion", "", "what the completions of shells know, for them", 0, 0,
	 command_completion},
	{"help", "", "this list", 0, 0, command_help},
	{"version", "", "the version, and which parts it was built with", 0, 0, command_version},
	{0},
};

int command_demo(const struct invocation *invocation)
{
	static const char installed[] = HAIRPIN_DATADIR "/demo/demo.sh";
	const char *chosen = getenv("HAIRPIN_DEMO");
	const char *path = chosen ? chosen : installed;

	execl(path, path, invocation->n_args ? invocation->args[0] : NULL, (char *)NULL);
	fprintf(stderr, "hairpin: %s: %s\n", path, strerror(errno));
	return CONTROL_EXIT_FINDING;
}

int command_help(const struct invocation *invocation)
{
	_strbuf_ struct strbuf out = {0};

	(void)invocation;
	invocation_help(&out);
	fputs(strbuf_text(&out), stdout);
	return CONTROL_EXIT_OK;
}

int command_version(const struct invocation *invocation)
{
	_strbuf_ struct strbuf out = {0};

	(void)invocation;
	strbuf_add(&out, "hairpin %s\n", HAIRPIN_VERSION);
	features_print(&out);
	fputs(strbuf_text(&out), stdout);
	return CONTROL_EXIT_OK;
}
