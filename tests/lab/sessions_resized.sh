#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Another nat.limits.sessions: a reload refuses it, and a new start makes the table anew while downloads go on and mappings keep their external
# ports; a table that holds more than the smaller one has room for stays, and says so. With nftables the table is the kernel's, a reload is enough, and
# the same goes on.
. "$(dirname "$0")/lab.sh"

conf() { # SESSIONS
	gw_conf < <(standard_services && echo "nat: { limits: { sessions: $1 } }")
}

# resize_to SESSIONS [ROOM]: a new start with that many; the table then has room for ROOM.
resize_to() {
	conf "$1"
	hairpind_stop
	hairpind_start
	assert_eq "$(hp_json status -- .sessions.size)" "$(on_nftables && kernel_room || echo "${2:-$1}")" "room of the table when $1 are asked for"
	assert_eq "$(hp_json status -- .backend.adopted)" true "adopted"
	on_nftables || assert_match "$(ls /sys/fs/bpf/hairpin)" '^v[0-9]*$' "the pins"
}

lab_up bridge
conf 4096
hairpind_start
http_serve srv 443 80
http_files srv 6000000
http_serve inet 80
http_files inet 6000000
download forward inet http://$WAN_ADDR:8443/slow
download loopback lan1 http://$WAN_ADDR/slow
download outgoing guest http://$INET_ADDR/slow
grows forward
grows loopback
grows outgoing

# A mapping whose port could not be kept: the next packet of that host must leave from the same port still.
echo_serve inet 7000
ask_from() { # NS
	in_ns "$1" ask -p 41000 $INET_ADDR:7000
}
first=$(ask_from lan1)
second=$(ask_from guest)
[ "$first" != "$second" ] || fail "two hosts share $first"

conf 16384
if on_nftables; then
	reload
	assert_eq "$(hp_json status -- .nat.limits.sessions_per_host)" $((16384 / 8)) "sessions of one host after the reload"
else
	assert_eq "$(exit_status hp reload 2>"$LAB_DIR/refusal.txt")" 1 "a reload with another size"
	grep 'new start of hairpind' "$LAB_DIR/refusal.txt"
fi
resize_to 16384
assert_eq "$(ask_from guest)" "$second" "the mapping of the second host in a larger table"
grows forward
grows loopback
grows outgoing
assert_match "$(http_get guest http://$WAN_ADDR:8443/)" "^$WAN_ADDR:" "a new loopback"

resize_to 512
assert_eq "$(ask_from lan1)" "$first" "the mapping of the first host in a smaller table"
downloaded forward srv
downloaded loopback srv
downloaded outgoing inet
assert_eq "$(packets drop-no-session)" 0 "segments without a session"

on_nftables && exit 0
# 400 sessions, more than three quarters of what the next table would have.
spawn crowd lan1 many_flows 400 $INET_ADDR:7000
wait_for 60 'grep -q "answered 400 of 400" "$LAB_DIR/crowd.log"'
resize_to 256 512
grep 'it holds too many' "$LAB_DIR/hairpind.log"
assert_eq "$(ask_from lan1)" "$first" "the mapping of the first host in the table that stays"
