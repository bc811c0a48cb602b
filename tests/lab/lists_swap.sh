#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# 200,000 names come and go while clients ask: no query is lost, no answer is one of neither list, and nothing grows.
. "$(dirname "$0")/lab.sh"
. "$(dirname "$0")/lib/blocklists.sh"

lab_up bridge
auth_serve </dev/null
many() { # WORD: a list that also has WORD.example.com
	awk -v word="$1" 'BEGIN { for (i = 0; i < 200000; i++) printf "||host%d.%s.example^\n", i, word; print word ".example.com" }'
}
many one >"$LAB_DIR/one.txt"
many two >"$LAB_DIR/two.txt"
list=$LAB_DIR/list.txt
cp "$LAB_DIR/one.txt" "$list"
hairpin_up < <(lists_conf "blocklists: [ { name: many, path: $list } ]")
loaded
wait_for 10 '[ "$(ask_name lan1 $LAN_GW one.example.com A)" = 0.0.0.0 ]'
assert_eq "$(hp_json show lists -- .names)" 200001 "names"
assert_ge $((12 * 200001)) "$(hp_json show lists -- .bytes)" "octets of the table, at most"

for ((i = 0; i < 1000; i++)); do printf 'app.example.com A\nhost%d.one.example A\nother.example.com A\n' "$i"; done >"$LAB_DIR/names.txt"
spawn load lan1 dnsperf -s $LAN_GW -d "$LAB_DIR/names.txt" -l 20 -Q 2000 -t 20
for ((i = 1; i <= 3; i++)); do
	for word in two one; do
		cp "$LAB_DIR/$word.txt" "$LAB_DIR/next.txt"
		mv "$LAB_DIR/next.txt" "$list"
		wait_for 20 '[ "$(ask_name lan1 $LAN_GW $word.example.com A)" = 0.0.0.0 ]'
	done
done
finished load
assert_eq "$(awk '/Queries lost/ { print $3 }' "$LAB_DIR/load.log")" 0 "queries without an answer"
assert_eq "$(hp_json status -- .dns.restarts)" 0 "restarts"
assert_eq "$(tables)" 1 "tables that are mapped"
