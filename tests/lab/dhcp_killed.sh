#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# dhcp_killed.sh server|daemon
#
# dnsmasq that is killed is started again, and with the daemon it dies and comes back: leases stay in either case.
. "$(dirname "$0")/lab.sh"

lab_up bridge
auth_serve </dev/null
hairpin_up < <(leases_conf)
client_start lan1
client_bound lan1
address=$(told_to lan1 ip_address)
before=$(dhcpd_pid)

if [ "$1" = server ]; then
	kill -9 "$before"
	wait_for 5 '[ "$(dhcpd_pid)" != 0 ] && [ "$(dhcpd_pid)" != '"$before"' ]'
	has "dnsmasq ($before) was ended by SIGKILL; it is started again" "$LAB_DIR/hairpind.log"
	assert_eq "$(hp_json status -- .dhcp.restarts)" 1 "restarts"
else
	hairpind_kill
	# At once: the port may still be held by what is ending.
	hairpind_start
	refute kill -0 "$before"
fi
assert_eq "$(hp_json show leases -- '[.leases[].address] | join(" ")')" "$address" "leases"
client_start srv
client_bound srv
assert_ne "$(told_to srv ip_address)" "$address" "the other's address"
