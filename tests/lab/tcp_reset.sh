#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A reset of one's own ends a connection, in the transitory time and not at once: tcp_reset.sh BUILD outgoing|forward
# Requirements: 29, 50.
. "$(dirname "$0")/lab.sh"

lab_up bridge
hairpin_up < <(standard_services)
case $1 in
outgoing)
	conn_serve inet 7001
	conn_open held lan1 $INET_ADDR:7001 sourceport=40000,linger=0
	client=$LAN1_ADDR
	;;
forward)
	conn_serve srv 7000
	conn_open held inet $WAN_ADDR:7000 "bind=$INET_ADDR:40000,linger=0"
	client=$INET_ADDR
	;;
esac
conn_lives held before
assert_eq "$(tcp_state $client 40000)" established "state before"
# With linger=0 what the kernel closes is reset; socat by itself would close its half first.
stop held KILL || true
wait_for 5 "[ \"\$(tcp_state $client 40000)\" = reset ]"

ignored=$(statistic reset-ignored)
assert_eq "$ignored" 0 "resets ignored"
age 200
reload
assert_eq "$(tcp_state $client 40000)" reset "state before the transitory time is over"
[ "$1" = outgoing ] && assert_eq "$(external_port tcp $LAN1_ADDR 40000)" 40000 "mapping"
age 50
wait_for 40 "[ -z \"\$(tcp_state $client 40000)\" ]"
