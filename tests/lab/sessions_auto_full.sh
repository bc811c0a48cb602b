#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# In a cgroup with 256 MiB the table of `sessions: auto` can be filled to its last place: the group's memory suffices for all that its sessions hold, what
# comes then is refused and counted as for want of room, and nothing is killed. A reload works with the full table, and when the
# sessions have ended new ones find room.
# Requirements: 45, 68.
LAB_PCAP=no
. "$(dirname "$0")/lab.sh"
. "$LAB_SRC/lib/groups.sh"

LIMIT=$((256 * 1024 * 1024))
! sanitized || LIMIT=$((2 * LIMIT))
lab_up bridge
group_make $LIMIT
# conf_of PORTS: with one service more, of ports that no flow here takes.
conf_of() {
	gw_conf < <(
		standard_services
		printf '  - name: more\n    host: %s\n    ports: [%s/tcp]\n' $SRV_ADDR "$1"
		echo "nat: { limits: { sessions: auto, new-per-host: unlimited } }"
	)
}
conf_of 300
hairpind_in_group
size=$(hp_json status -- .sessions.size)
empty=$(group_used)
echo_serve inet 7001
conn_serve inet 7002
conn_open held srv $INET_ADDR:7002
conn_lives held before

# Hosts inside always leave something to the others; the gateway itself takes the rest.
spawn udp lan1 forge -d 60 -s 1 udp 20000000 192.168.11.128/25 $INET_FAR:9
spawn tcp lan1 forge -d 60 -s 2 S 20000000 192.168.11.128/25 $INET_FAR:9
wait_for 60 '[ "$(hp_json status -- .sessions.active)" -ge $((size * 99 / 100)) ]'
stop udp || true
stop tcp || true
assert_eq "$(packets drop-table-full)" 0 "refused for want of room while there was some"
spawn crowd gw many_flows $((size / 50)) $INET_ADDR:7001
wait_for 60 'grep -q answered "$LAB_DIR/crowd.log"'
assert_eq "$(hp_json status -- .sessions.active)" "$size" "sessions"
assert_counted drop-table-full 0 100

capture_start refused srv eth0 'icmp[0] = 3 and icmp[1] = 13'
before=$(packets drop-table-full)
refute srv ask -w 500 $INET_ADDR:7001
assert_counted drop-table-full "$before" 1
wait_for 5 '[ "$(captured refused icmp)" -ge 1 ]'
conn_lives held full
conf_of 300-999
reload
assert_eq "$(generation)" 2 "the configuration in force"
assert_eq "$(hp_json status -- .sessions.active)" "$size" "sessions after the reload"

used=$(group_used)
say "the group has $((used >> 20)) MiB, and had $((empty >> 20)) MiB with an empty table"
assert_lt "$used" $LIMIT "memory"
assert_eq "$(group_killed)" 0 "processes killed"
running hairpind || fail "hairpind has ended"

age 301
wait_for 45 '[ "$(hp_json status -- .sessions.active)" -le 10 ]'
conn_lives held after
assert_match "$(srv ask $INET_ADDR:7001)" "^$WAN_ADDR:" "a new flow when there is room again"
group_end
