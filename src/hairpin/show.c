// SPDX-License-Identifier: GPL-2.0-or-later
#include "commands.h"
#include "fetch.h"

int command_status(const struct invocation *invocation)
{
	return fetch_and_print(invocation, CONTROL_STATUS, render_status);
}

int command_show_services(const struct invocation *invocation)
{
	return fetch_and_print(invocation, CONTROL_SHOW_SERVICES, render_services);
}

int command_show_mappings(const struct invocation *invocation)
{
	return fetch_and_print_rows(invocation, CONTROL_SHOW_MAPPINGS, &render_mappings);
}

int command_show_sessions(const struct invocation *invocation)
{
	return fetch_and_print_rows(invocation, CONTROL_SHOW_SESSIONS, &render_sessions);
}

int command_show_ports(const struct invocation *invocation)
{
	return fetch_and_print(invocation, CONTROL_SHOW_PORTS, render_ports);
}

int command_show_drops(const struct invocation *invocation)
{
	return fetch_and_print(invocation, CONTROL_SHOW_DROPS, render_drops);
}

int command_show_facts(const struct invocation *invocation)
{
	return fetch_and_print(invocation, CONTROL_SHOW_FACTS, render_facts);
}

int command_show_lists(const struct invocation *invocation)
{
	return fetch_and_print(invocation, CONTROL_SHOW_LISTS, render_block_lists);
}
