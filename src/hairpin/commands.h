/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the rows of the command table call. */
#pragma once

#include "invocation.h"

int command_status(const struct invocation *invocation);
int command_show_services(const struct invocation *invocation);
int command_show_mappings(const struct invocation *invocation);
int command_show_sessions(const struct invocation *invocation);
int command_show_queries(const struct invocation *invocation);
int command_show_top(const struct invocation *invocation);
int command_show_ports(const struct invocation *invocation);
int command_show_drops(const struct invocation *invocation);
int command_show_leases(const struct invocation *invocation);
int command_show_facts(const struct invocation *invocation);
int command_show_lists(const struct invocation *invocation);
int command_check(const struct invocation *invocation);
int command_export(const struct invocation *invocation);
int command_hosts_apply(const struct invocation *invocation);
int command_hosts_print(const struct invocation *invocation);
int command_hosts_remove(const struct invocation *invocation);
int command_hosts_watch(const struct invocation *invocation);
int command_import(const struct invocation *invocation);
int command_apply(const struct invocation *invocation);
int command_confirm(const struct invocation *invocation);
int command_reload(const struct invocation *invocation);
int command_rewrite_add(const struct invocation *invocation);
int command_rewrite_remove(const struct invocation *invocation);
int command_rewrite_list(const struct invocation *invocation);
int command_reservation_add(const struct invocation *invocation);
int command_reservation_remove(const struct invocation *invocation);
int command_reservation_list(const struct invocation *invocation);
int command_blocking(const struct invocation *invocation);
int command_blocking_off(const struct invocation *invocation);
int command_blocking_on(const struct invocation *invocation);
int command_pause(const struct invocation *invocation);
int command_resume(const struct invocation *invocation);
int command_log_level(const struct invocation *invocation);
int command_detach(const struct invocation *invocation);
int command_completion(const struct invocation *invocation);
int command_demo(const struct invocation *invocation);
int command_help(const struct invocation *invocation);
int command_version(const struct invocation *invocation);
