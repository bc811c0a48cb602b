/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Becoming dnsmasq: what the process that is started as `hairpind --dhcp` does before it is another program. */
#pragma once

/* Where it finds the configuration of dnsmasq, in a file in memory. */
#define DHCP_CONFIG_FD 3
/* What dnsmasq is told of that, and of the file of leases, which is its standard input. */
#define DHCP_CONFIG_PATH "/proc/self/fd/3"
#define DHCP_LEASES_PATH "/proc/self/fd/0"
/* In the daemon's folder of state. */
#define DHCP_LEASES_FILE "dhcp.leases"

/* The program, or NULL where it is not installed. */
const char *dhcp_process_program(void);

/*
 * Opens the file of leases in @state, enters the sandbox, and is dnsmasq from then on; ends with the daemon that started it. Returns what to exit with where that fails,
 * said on stderr.
 */
int dhcp_process_run(const char *state);
