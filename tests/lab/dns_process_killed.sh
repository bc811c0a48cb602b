#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The DNS process is killed again and again while clients ask: what they ask meanwhile waits in the sockets, and nothing is lost.
. "$(dirname "$0")/lab.sh"

lab_up bridge
auth_serve </dev/null
hairpin_up < <(names_conf)
assert_eq "$(ask_name lan1 $LAN_GW app.example.com A)" $SRV_ADDR "before"

for ((i = 1; i <= 5; i++)); do
	pid=$(dns_pid)
	kill -KILL "$pid"
	# One try of one second, and no second one.
	assert_eq "$(ask_name lan1 $LAN_GW app.example.com A +time=1)" $SRV_ADDR "behind kill $i"
	wait_for 5 "[ \$(dns_pid) -gt 0 ] && [ \$(dns_pid) != $pid ]"
done
assert_eq "$(hp_json status -- .dns.restarts)" 5 "restarts that status tells"
assert_eq "$(grep -c 'was ended by SIGKILL' "$LAB_DIR/hairpind.log")" 5 "lines in the log"
