#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What is kept of who asked: by default his network, what was written before included; or nothing at all, on disk as well.
. "$(dirname "$0")/lab.sh"

lab_up bridge
auth_serve </dev/null
folder=/var/lib/hairpin/querylog
uid=$(id -u hairpin-log 2>/dev/null || id -u nobody)

# names_conf with that line of dns behind it, or none, in force.
log_conf() {
	{
		names_conf
		[ -z "$1" ] || echo "  log: { queries: $1 }"
	} >"$LAB_DIR/conf.part"
	gw_conf <"$LAB_DIR/conf.part"
}

log_conf yes
hairpind_start
ask_name lan1 $LAN_GW app.example.com A
wait_for 10 '[ "$(hp_json show queries -- ".queries[0].client")" = '$LAN1_ADDR' ]'
assert_eq "$(stat -c '%u %a' $folder)" "$uid 770" "whose folder"
assert_eq "$(stat -c '%u %a' $folder/queries.db)" "$uid 600" "whose database"

log_conf ""
reload
wait_for 10 '[ "$(hp_json show queries -- ".queries[0].client")" = 192.168.11.0/24 ]'
ask_name lan1 $LAN_GW other.example.com A
wait_for 10 '[ "$(hp_json show queries -- ".queries[1].client")" = 192.168.11.0/24 ]'
assert_eq "$(hp_json show queries --client $LAN1_ADDR -- '.queries | length')" 2 "asked by one address of it"
# Not a trace of it: 16 octets, as the database had the address.
addr='\x00\x00\xff\xff'$(printf '\\x%02x' ${LAN1_ADDR//./ })
refute grep -qaP "$addr" $folder/queries.db $folder/queries.db-wal

log_conf no
reload
wait_for 10 '[ -z "$(ls -A $folder)" ]'
ask_name lan1 $LAN_GW app.example.com A
wait_for 10 '[ "$(hp_json status -- .dns.queries.rewritten)" -ge 2 ]'
assert_eq "$(exit_status hp show queries 2>"$LAB_DIR/why.txt")" 1 "asked for what is not there"
grep -q "queries are not logged" "$LAB_DIR/why.txt"
assert_eq "$(ls -A $folder)" "" "files"
assert_eq "$(hp_json status -- '.dns.log | "\(.queries) \(.process)"')" "no 0" "what status tells"
