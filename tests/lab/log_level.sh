#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# How much is logged changes at run time, for the processes in their sandboxes as for the daemon, and for those that are started later.
. "$(dirname "$0")/lab.sh"

log="$LAB_DIR/hairpind.log"
# How often the DNS process has said so.
setups() {
	grep -c '^debug: dns: setup [0-9]* is in force' "$log" || true
}
# changed N: another name, which the data plane does not see but the DNS process does.
changed() {
	{
		names_conf
		printf '  rewrites: [ { domain: nas.example.com, answer: 192.168.11.%u } ]\n' "$1"
	} | gw_conf
	reload
	wait_for 10 "[ \"\$(ask_name lan1 $LAN_GW nas.example.com A)\" = 192.168.11.$1 ]"
}
dns_killed() {
	local pid
	pid=$(dns_pid)
	kill -KILL "$pid"
	wait_for 20 "[ \$(dns_pid) -gt 0 ] && [ \$(dns_pid) != $pid ]"
	assert_eq "$(ask_name lan1 $LAN_GW app.example.com A)" $SRV_ADDR "the new process"
}

lab_up bridge
auth_serve </dev/null
hairpin_up < <(names_conf)
assert_eq "$(hp log-level)" info "the level"
changed 1
refute has '^debug: ' <"$log"

hp log-level debug
assert_eq "$(hp_json log-level -- .log_level)" debug "the level"
changed 2
wait_for 10 '[ "$(setups)" = 1 ]'
dns_killed
wait_for 10 '[ "$(setups)" = 2 ]'
has '^debug: the DNS process is started' <"$log"

# Not of questions, at any level.
lines=$(wc -l <"$log")
for ((i = 0; i < 50; i++)); do
	assert_eq "$(ask_name lan1 $LAN_GW app.example.com A)" $SRV_ADDR "question $i"
	ask_name lan1 $LAN_GW other$i.example.com A >/dev/null
done
assert_eq "$(wc -l <"$log")" "$lines" "lines in the log, of which questions make none"

# Neither what is good news nor a warning.
hp log-level error
lines=$(wc -l <"$log")
changed 3
dns_killed
assert_eq "$(wc -l <"$log")" "$lines" "lines in the log"

hp log-level warning
dns_killed
assert_eq "$(($(wc -l <"$log") - lines))" 1 "new lines in the log"
tail -n 1 "$log" | has '^warning: the DNS process .* was ended by SIGKILL'

assert_eq "$(exit_status hp log-level loud 2>/dev/null)" 2 "no such level"
assert_eq "$(hp log-level)" warning "the level"

# It lasts as long as the daemon.
hairpind_stop
hairpind_start
assert_eq "$(hp log-level)" info "the level after a start"
hairpind_stop
hairpind_start -v
assert_eq "$(hp log-level)" debug "the level after a start with -v"
wait_for 10 '[ "$(setups)" -ge 1 ]'
