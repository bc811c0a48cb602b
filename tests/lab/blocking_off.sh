#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Blocking that is off comes back at the time that was said, whatever became of the daemon; and only lists are off, not names of ours.
. "$(dirname "$0")/lab.sh"

lab_up bridge
auth_serve <<END
ads A $INET_ADDR
END
printf '||ads.example.com^\n||app.example.com^\n' >/etc/hairpin/ads.txt
conf() {
	names_conf
	echo "  blocklists: [ { name: ads, path: /etc/hairpin/ads.txt } ]"
}
ads() {
	ask_name lan1 $LAN_GW ads.example.com A
}
app() {
	ask_name lan1 $LAN_GW app.example.com A
}
hairpin_up < <(conf)
wait_for 20 '[ "$(ads)" = 0.0.0.0 ]'
assert_eq "$(hp blocking)" "blocking is on" "how it is"

hp blocking off
assert_eq "$(ads)" $INET_ADDR "a blocked name while blocking is off"
assert_eq "$(app)" $SRV_ADDR "a name of ours while blocking is off"
hairpind_kill
hairpind_start
assert_eq "$(hp_json status -- .dns.blocking.on)" false "after a restart"
assert_eq "$(ads)" $INET_ADDR "a blocked name after a restart"
hp reload
assert_eq "$(ads)" $INET_ADDR "a blocked name after a reload"
hp blocking on
wait_for 20 '[ "$(ads)" = 0.0.0.0 ]'
assert_eq "$(cat /var/lib/hairpin/operator.json | jq .blocking_off)" null "the file"

# The DNS process alone.
hp blocking off 1h
kill -9 "$(dns_pid)"
wait_for 10 '[ "$(ads)" = $INET_ADDR ]'
assert_eq "$(hp_json blocking -- '.blocking.left_s > 3500 and .blocking.left_s <= 3600')" true "what is left of an hour"

# An end: as before while it lasts, and it comes though nobody was there to wait for it. On a machine that has much else to do an answer, or the
# end of the daemon, may take longer than a short time; then it says nothing, and is tried with a longer one.
operator() {
	jq "$1" /var/lib/hairpin/operator.json
}
for seconds in 4 16 64; do
	began=$(date +%s%N)
	hp blocking off ${seconds}s
	answer=$(ads)
	[ $(($(date +%s%N) - began)) -ge $((seconds * 900000000)) ] || break
done
assert_eq "$answer" $INET_ADDR "a blocked name for $seconds seconds"
hairpind_kill
hairpind_start
wait_for $((seconds + 20)) '[ "$(ads)" = 0.0.0.0 ]'
[ $(($(date +%s%N) - began)) -ge $((seconds * 1000000000 - 100000000)) ] || fail "blocking was on again too early"
assert_eq "$(hp blocking)" "blocking is on" "how it is behind the end"
for seconds in 2 16 64; do
	hp blocking off ${seconds}s
	until_s=$(($(operator ".blocking_off.until_s // 0") + 1))
	hairpind_stop
	[ "$(operator .blocking_off)" = null ] || break
	hairpind_start
done
assert_ne "$(operator .blocking_off)" null "what the file says while nobody is there"
wait_for $((seconds + 10)) "[ \"\$(date +%s)\" -ge $until_s ]"
hairpind_start
assert_eq "$(hp_json status -- .dns.blocking.on)" true "after an end in absence"

assert_eq "$(exit_status hp blocking off soon 2>/dev/null)" 1 "no duration"
assert_eq "$(exit_status hp blocking off 0s 2>/dev/null)" 1 "no time at all"

# Off, and every upstream dead: names of ours are answered.
hp blocking off
stop nsd KILL || true
assert_eq "$(app)" $SRV_ADDR "a name of ours with a dead upstream"
