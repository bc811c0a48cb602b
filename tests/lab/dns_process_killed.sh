#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The DNS process is killed again and again while clients ask: what they ask meanwhile waits in the sockets, and nothing is lost.
. "$(dirname "$0")/lab.sh"

lab_up bridge
auth_serve </dev/null
hairpin_up < <(names_conf)
assert_eq "$(ask_name lan1 $LAN_GW app.example.com A)" $SRV_ADDR "before"

least=$((1 << 30))
for ((i = 1; i <= 5; i++)); do
	pid=$(dns_pid)
	began=$(now_ms)
	kill -KILL "$pid"
	# One try, and no second one.
	assert_eq "$(ask_name lan1 $LAN_GW app.example.com A +time=20)" $SRV_ADDR "behind kill $i"
	took=$(($(now_ms) - began))
	[ $took -ge $least ] || least=$took
	wait_for 20 "[ \$(dns_pid) -gt 0 ] && [ \$(dns_pid) != $pid ]"
done
# What waits for a tick does so each time; a machine that is busy elsewhere, some times.
assert_lt $least $((1000 * LAB_TIME_FACTOR)) "milliseconds until an answer, the least of five"
assert_eq "$(hp_json status -- .dns.restarts)" 5 "restarts that status tells"
assert_eq "$(grep -c 'was ended by SIGKILL' "$LAB_DIR/hairpind.log")" 5 "lines in the log"
