#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A host inside that opens flows as fast as it can, by UDP and TCP, does not stop other hosts from opening theirs, meanwhile and afterwards:
# host_greedy.sh BUILD own|forged
#
# With its own address it comes to the limits of a host. With forged ones, of half of its segment, no limit of a host holds it, and still it leaves
# something: the table never fills. What it had before goes on, and what it is refused is counted.
# Requirements: 62, 63.
LAB_PCAP=no
. "$(dirname "$0")/lab.sh"

sessions=40000
lab_up bridge
hairpin_up <<END
nat:
  limits: { sessions: $sessions }
END
echo_serve inet 7001
conn_serve inet 7002
conn_open held lan1 $INET_ADDR:7002
conn_lives held before

case $1 in
own) sources=$LAN1_ADDR/32 ;;
forged) sources=192.168.11.128/25 ;;
esac
for kind in udp S; do
	spawn "greedy-$kind" lan1 forge -d 60 $kind 20000000 $sources $INET_FAR:9
done
wait_for 30 '[ "$(packets drop-host-limit)" -ge 10000 ]'

# opens PORT: both others, in another segment and in its own, by both protocols.
opens() {
	local ns
	for ns in srv guest; do
		assert_match "$(in_ns $ns ask -p "$1" $INET_ADDR:7001)" "^$WAN_ADDR:" "UDP of $ns"
		assert_match "$(in_ns $ns ask -t -p "$1" $INET_ADDR:7001)" "^$WAN_ADDR:" "TCP of $ns"
	done
}
for port in 41001 41002 41003; do
	opens $port
done
running greedy-udp && running greedy-S || fail "the flood was over before it was measured"
stop greedy-udp || true
stop greedy-S || true
opens 41004
conn_lives held after

assert_eq "$(packets drop-table-full)" 0 "refused for want of room"
assert_eq "$(packets drop-no-port)" 0 "refused for want of a port"
assert_lt "$(hp_json status -- .sessions.active)" $sessions "sessions"
[ "$1" = own ] || exit 0
assert_ge "$(packets drop-host-rate)" 1000 "refused for their rate"
assert_lt "$(hp_json show ports -- ".hosts[] | select(.address == \"$LAN1_ADDR\") | .mappings")" 4097 "ports of one host"
assert_lt "$(hp_json show ports -- ".hosts[] | select(.address == \"$LAN1_ADDR\") | .sessions")" $((sessions / 8 + 1)) "sessions of one host"
