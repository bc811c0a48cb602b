#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The writer of the log is killed again and again while clients ask: no answer waits for it, and no query is lost or there twice.
. "$(dirname "$0")/lab.sh"

lab_up bridge
auth_serve </dev/null
hairpin_up < <(
	names_conf
	echo "  log: { queries: yes }"
)

log_pid() {
	hp_json status -- .dns.log.process
}

for ((i = 1; i <= 5; i++)); do
	for ((k = 0; k < 20; k++)); do
		assert_eq "$(ask_name lan1 $LAN_GW app.example.com A)" $SRV_ADDR "before kill $i"
	done
	wait_for 20 '[ "$(log_pid)" -gt 0 ]'
	pid=$(log_pid)
	kill -KILL "$pid"
	assert_eq "$(ask_name lan1 $LAN_GW app.example.com A)" $SRV_ADDR "behind kill $i"
	wait_for 10 "[ \$(log_pid) -gt 0 ] && [ \$(log_pid) != $pid ]"
done
# The DNS process too: what it left is still written.
kill -KILL "$(dns_pid)"
assert_eq "$(ask_name lan1 $LAN_GW app.example.com A)" $SRV_ADDR "behind its kill"
wait_for 10 '[ "$(hp_json show queries --last all -- ".queries | length")" -ge 106 ]'
assert_eq "$(hp_json show queries --last all -- '.queries | length')" 106 "queries"
assert_eq "$(grep -c 'the writer of the query log .* was ended by SIGKILL' "$LAB_DIR/hairpind.log")" 5 "lines in the log"
refute grep -q "were lost" "$LAB_DIR/hairpind.log"

# The daemon ends: what stands in memory is written first.
ask_name lan1 $LAN_GW last.example.com A
hairpind_stop
hairpind_start
wait_for 20 '[ "$(hp_json show queries --last 1 -- ".queries[0].name")" = last.example.com ]'
