#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Names are chosen by strangers: what a terminal would obey, or what JSON or SQL would trip over, is shown and does nothing.
. "$(dirname "$0")/lab.sh"

lab_up bridge
auth_serve </dev/null
hairpin_up < <(
	names_conf
	echo "  log: { queries: yes }"
)

n=0
for name in '\027[2J\007x.localhost' '\"\\\000.localhost' "'\\;drop\\ table\\ names\\;--.localhost" '\255\200\155.localhost' '\*.localhost' '\091a\093.localhost' a.localhost '\..localhost'; do
	ask_name lan1 $LAN_GW "$name" A
	n=$((n + 1))
done
wait_for 10 '[ "$(hp_json show queries --name localhost -- ".queries | length")" = '$n' ]'
for words in "show queries" "show top" "-j show queries" "-j show top"; do
	# shellcheck disable=SC2086
	hp $words >"$LAB_DIR/shown.txt"
	refute grep -qP '[^\n\x20-\x7e]' "$LAB_DIR/shown.txt"
	grep -q 'drop' "$LAB_DIR/shown.txt"
done
hp_json show queries -- '.queries[].name' | grep -qxF '\027\0912j\007x.localhost'
assert_eq "$(hp_json show queries --name '[a].localhost' -- '.queries | length')" 0 "what GLOB knows besides is a letter"
assert_eq "$(hp_json status -- .dns.log.restarts)" 0 "writers that this has ended"
