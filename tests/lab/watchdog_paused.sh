#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# `hairpin pause`: what an operator takes away stays away, is no removal, and status and check say so all the while; `hairpin resume` puts it back
# at once, and so do the end that was said and a start of the daemon.
. "$(dirname "$0")/lab.sh"

lab_up bridge
hairpin_up < <(standard_services)
echo_serve srv 7000

state() {
	hp_json status -- .watchdog.state
}
findings() {
	{ hp -j check || true; } | jq '[.findings[] | select(.kind == "watchdog")] | length'
}
tables() {
	nft list tables
}
# Longer than two looks at everything.
stays_away() {
	local until_ms=$(($(now_ms) + 2500))
	wait_for 10 "[ \$(now_ms) -ge $until_ms ]"
	assert_eq "$(tables)" "" "tables"
}
assert_eq "$(state)" on "how it is"
assert_eq "$(findings)" 0 "findings"

hp pause
assert_eq "$(state)" paused "how it is"
hp status | has 'the watchdog is paused until'
assert_eq "$(findings)" 1 "findings while it is paused"
assert_eq "$(exit_status hp check 2>/dev/null)" 1 "check while it is paused"
nft flush ruleset
stays_away
assert_eq "$(hp_json status -- .watchdog.removals)" 0 "removals"
assert_eq "$(hp_json status -- .watchdog.missing)" true "missing"
assert_eq "$(hp_json status -- '[.services[].verdict] | unique | join(" ")')" waiting "what is said of the services then"
assert_eq "$(grep -c 'was removed by nft (process [0-9]*); it is paused' "$LAB_DIR/hairpind.log")" 1 "the line in the log"
hp resume
assert_eq "$(hp_json status -- '[.services[].verdict] | unique | join(" ")')" serving "what is said of the services after it"
tables | has 'inet hairpin$'
assert_match "$(inet ask $WAN_ADDR:7000)" "^$INET_ADDR:" "a forward after resume"
assert_eq "$(state)" on "how it is"
assert_eq "$(hp_json status -- .watchdog.removals)" 0 "removals"

# One that ends by itself.
hp pause 4s
nft flush ruleset
wait_for 20 '[ "$(state)" = on ]'
tables | has 'inet hairpin$'

# It ends with the daemon: whoever starts one wants everything in force.
hp pause
hairpind_stop
nft flush ruleset
hairpind_start
assert_eq "$(state)" on "how it is"
tables | has 'inet hairpin$'

assert_eq "$(exit_status hp pause soon 2>/dev/null)" 2 "no duration"
assert_eq "$(exit_status hp pause 0s 2>/dev/null)" 2 "no time at all"
hp pause
hp detach
assert_eq "$(tables)" "" "tables after detach"
