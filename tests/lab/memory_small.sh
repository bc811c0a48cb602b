#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A router with 64 MiB, and nothing said of sizes: hairpind, all its tables and whatever it starts live in a cgroup that has no more. Forwards, the loopback
# and what goes out are served, the table of sessions is made for that memory and can be filled, a daemon that died is started again beside the full
# table, and nothing is killed. `status` asked inside the group has room too.
LAB_PCAP=no
. "$(dirname "$0")/lab.sh"
. "$LAB_SRC/lib/groups.sh"

LIMIT=$((64 * 1024 * 1024))
! sanitized || LIMIT=$((4 * LIMIT))
SESSION_BYTES=$(sed -n 's/^#define LIMIT_SESSION_BYTES //p' "$LAB_SRC/../../include/hairpin/limits.h")
SHARE=$(sed -n 's/^#define LIMIT_SESSIONS_MEMORY_SHARE //p' "$LAB_SRC/../../include/hairpin/limits.h")

serves() { # WHEN
	assert_match "$(http_get inet http://$WAN_ADDR:8443/)" "^$INET_ADDR:" "a forward, $1"
	assert_match "$(lan1 ask $WAN_ADDR:7000)" "^$WAN_ADDR:" "the loopback, $1"
	assert_match "$(srv ask $INET_ADDR:7001)" "^$WAN_ADDR:" "what goes out, $1"
}

lab_up bridge
group_make $LIMIT
gw_conf < <(standard_services && echo "nat: { limits: { sessions: auto, new-per-host: unlimited } }")
hairpind_in_group
size=$(hp_json status -- .sessions.size)
assert_eq "$size" $((LIMIT / SHARE / SESSION_BYTES)) "sessions for $((LIMIT >> 20)) MiB"
http_serve srv 443 80
echo_serve srv 7000
echo_serve inet 7001
serves "at first"

spawn crowd inet many_flows $((size / 2)) $WAN_ADDR:7000
spawn udp lan1 forge -d 60 -s 1 udp 20000000 192.168.11.128/25 $INET_FAR:9
wait_for 60 '[ "$(hp_json status -- .sessions.active)" -ge $((size * 9 / 10)) ]'
stop udp || true
stop crowd || true
hairpind_kill
hairpind_in_group
assert_ge "$(hp_json status -- .sessions.active)" $((size * 8 / 10)) "sessions after a restart"
serves "with a full table"
# shellcheck disable=SC2016 # for the inner shell
gw bash -c 'echo $$ >"$1/cgroup.procs" && exec "$2" status' - "$GROUP" "$HAIRPIN" >"$LAB_DIR/status.txt"

used=$(group_used)
say "the group has $((used >> 10)) KiB, sessions $size"
assert_lt "$used" $LIMIT "memory"
assert_eq "$(group_killed)" 0 "processes killed"
group_end
