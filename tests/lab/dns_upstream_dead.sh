#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Upstream is silent, and clients ask for what only it knows, as many as may wait and more, and as fast as they can: not one name of ours is missed meanwhile.
. "$(dirname "$0")/lab.sh"

lab_up bridge
# Nobody answers there, and nobody says so.
inet iptables -A INPUT -p udp --dport 53 -j DROP
inet iptables -A INPUT -p tcp --dport 53 -j DROP
hairpin_up < <(names_conf)

for ((i = 0; i < 2000; i++)); do echo "app.example.com A"; done >"$LAB_DIR/ours.txt"
# It does not wait for what nobody answers: as many wait in the server as may, also where the machine is slow.
spawn flood guest dns_garbage -q -n 1000000000 $GUEST_GW app.example.com $SRV_ADDR
wait_for 60 "[ \$(hp_json status -- .dns.queries.busy) -gt 0 ]"
lan1 dnsperf -s $LAN_GW -d "$LAB_DIR/ours.txt" -n 1 -t 10 >"$LAB_DIR/ours.log" 2>&1
running flood || fail "the flood was over before"
assert_eq "$(awk '/Queries completed/ { print $3 }' "$LAB_DIR/ours.log")" 2000 "answers for names of ours"
assert_eq "$(awk '/Response codes/ { print $3, $4 }' "$LAB_DIR/ours.log")" "NOERROR 2000" "and what they say"
stop flood KILL || true

busy=$(hp_json status -- .dns.queries.busy)
# One of ours in 64, among names that were never asked for, as fast as the server takes them: it is answered before any of those behind it.
assert_match "$(lan1 dns_garbage -q -n 200000 $LAN_GW app.example.com $SRV_ADDR)" '([0-9]+) of \1 real queries answered, 0 faults' "names of ours at full load"
# How many more depends on the machine: a slow one takes as many at a time, and is at it for longer.
wait_for 20 "[ \$(hp_json status -- .dns.queries.busy) -ge $((busy + 40000)) ]"
# Upstream comes back, and so do its names.
inet iptables -F INPUT
auth_serve </dev/null
wait_for 30 "[ \"\$(ask_name lan1 $LAN_GW other.example.com A)\" = $INET_ADDR ]"
