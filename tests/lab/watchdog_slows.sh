#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A program that takes our table away again and again is not fought: a few times it is put back at once, then later, which is said once and shown; meanwhile
# nothing that nobody judged begins. `hairpin resume` does not wait.
. "$(dirname "$0")/lab.sh"

lab_up bridge
hairpin_up < <(standard_services)
echo_serve srv 7000
echo_serve gw 7004

watchdog() {
	hp_json status -- ".watchdog.$1"
}
has_table() {
	nft list table inet hairpin
}
# Six: one more than are put back at once.
for i in 1 2 3 4 5; do
	wait_for 20 has_table
	nft flush ruleset
	wait_for 20 "[ \"\$(watchdog removals)\" = $i ]"
done
wait_for 20 has_table
nft flush ruleset
wait_for 20 '[ "$(watchdog state)" = slow ]'
began_ms=$(now_ms)
assert_eq "$(grep -c 'from now on it is put back later' "$LAB_DIR/hairpind.log")" 1 "how often it is said"
grep -q 'at last by nft (process [0-9]*)' "$LAB_DIR/hairpind.log"
assert_match "$(watchdog next_s)" '^[0-9]+$' "when it is tried again"
hp status | has 'again and again, and put back in'
assert_eq "$({ hp -j check || true; } | jq '[.findings[] | select(.kind == "watchdog")] | length')" 1 "findings meanwhile"
refute inet ask -w 300 $WAN_ADDR:7004
wait_for 30 has_table
say "$(($(now_ms) - began_ms)) ms"
assert_match "$(inet ask $WAN_ADDR:7000)" "^$INET_ADDR:" "a forward after that"

# Once more, and the wait is longer; an operator need not wait.
nft flush ruleset
wait_for 20 '[ "$(watchdog removals)" = 7 ]'
assert_ge "$(grep -c 'it is put back in 10 s' "$LAB_DIR/hairpind.log")" 1 "the second wait"
refute has_table
hp resume
has_table
assert_eq "$(watchdog state)" on "how it is"
assert_eq "$(grep -c 'from now on it is put back later' "$LAB_DIR/hairpind.log")" 1 "how often it is said"
