#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# With a full disk names are answered as ever; the log says so once, and goes on when there is room, with what was asked meanwhile.
. "$(dirname "$0")/lab.sh"

lab_up bridge
mount -t tmpfs -o size=1m lab-state /var/lib/hairpin
auth_serve </dev/null
hairpin_up < <(
	names_conf
	echo "  log: { queries: yes }"
)
ask_name lan1 $LAN_GW before.example.com A
wait_for 10 '[ "$(hp_json show queries --name before.example.com -- ".queries | length")" = 1 ]'
refute cp /dev/zero /var/lib/hairpin/full 2>/dev/null

# A little may fit into what the database has already.
asked=0
until [ "$(hp_json status -- .dns.log.error)" != null ]; do
	for ((i = 0; i < 200; i++)); do
		echo "n$asked-$i.a-name-of-some-length-that-takes-room-on-the-disk.localhost A"
	done >"$LAB_DIR/names.txt"
	in_ns lan1 dig @$LAN_GW +tries=1 +time=5 +noall -f "$LAB_DIR/names.txt"
	asked=$((asked + 200))
	assert_ge 40000 $asked "queries until the disk is full"
done
assert_eq "$(ask_name lan1 $LAN_GW app.example.com A)" $SRV_ADDR "a name, with a full disk"
ask_name lan1 $LAN_GW meanwhile.example.com A
assert_eq "$(hp_json show queries --name before.example.com --last 1 -- '.queries[0].name')" before.example.com "what was there can be read"

rm /var/lib/hairpin/full
wait_for 20 '[ "$(hp_json show queries --name meanwhile.example.com -- ".queries | length")" = 1 ]'
assert_eq "$(hp_json show queries --name localhost --last all -- '.queries | length')" $asked "queries, all of them"
assert_eq "$(grep -c 'query log: .*queries wait in memory' "$LAB_DIR/hairpind.log")" 1 "lines that say so"
assert_eq "$(grep -c 'query log: it can be written again' "$LAB_DIR/hairpind.log")" 1 "lines that say that it is over"
wait_for 10 '[ "$(hp_json status -- .dns.log.error)" = null ]'
assert_eq "$(hp_json status -- .dns.log.lost)" 0 "what status tells"
