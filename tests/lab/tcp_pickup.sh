#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# With nat.tcp-pickup connections outlive the table that knew them: tcp_pickup.sh BUILD outgoing|forward|server|hairpin|off
#
# outgoing, hairpin: the client inside speaks first afterwards; forward: the client outside; server: the server that it talks to. off: without the option
# none does.
# Requirements: 23.
. "$(dirname "$0")/lab.sh"

lab_up bridge
pickup=yes
[ "$1" = off ] && pickup=no
hairpin_up < <(
	standard_services
	printf 'nat:\n  limits: { sessions: 16384 }\n  tcp-pickup: %s\n' $pickup
)

# The gateway's stack must not see what nobody translates meanwhile: it would answer with resets.
lose_table() {
	ip link set wan down
	ip link set br-lan down
	hp detach
	hairpind_stop
	# The kernel's table stays where rules are taken away.
	! on_nftables || age 1000000
	hairpind_run
	ip link set br-lan up
	ip link set wan up
	ip route replace default via $INET_ADDR dev wan
	wait_for 30 '"$HAIRPIN" status'
	wait_for 30 '[ "$(filters wan ingress)" -ge 1 ] && [ "$(filters br-lan ingress)" -ge 1 ]'
	assert_eq "$(left sessions)" 0 "sessions in the new table"
}

case $1 in
outgoing | off)
	conn_serve inet 7001
	conn_open held lan1 $INET_ADDR:7001 sourceport=40000
	;;
forward)
	conn_serve srv 7000
	conn_open held inet $WAN_ADDR:7000 "bind=$INET_ADDR:40000"
	;;
hairpin)
	conn_serve srv 7000
	conn_open held lan1 $WAN_ADDR:7000 sourceport=40000
	;;
server)
	mkfifo "$LAB_DIR/server.in"
	exec 3<>"$LAB_DIR/server.in"
	spawn server srv socat "OPEN:$LAB_DIR/server.in,rdonly!!CREATE:$LAB_DIR/server.out" TCP-LISTEN:7000
	wait_for 10 'listens srv tcp 7000'
	conn_open held inet $WAN_ADDR:7000 "bind=$INET_ADDR:40000"
	echo before >&3
	wait_for 10 'grep -qx before "$LAB_DIR/held.out"'
	;;
esac
[ "$1" = server ] || conn_lives held before
lose_table

case $1 in
off)
	before=$(packets drop-no-session)
	echo after >"$LAB_DIR/held.in"
	wait_for 10 "[ \$(packets drop-no-session) -ge $((before + 2)) ]"
	refute grep -qx after "$LAB_DIR/held.out"
	;;
server)
	echo after >&3
	wait_for 10 'grep -qx after "$LAB_DIR/held.out"'
	# Whoever spoke first since is the one who began, to netfilter.
	if on_nftables; then
		assert_eq "$(tcp_state $SRV_ADDR 7000)" established "state"
	else
		assert_eq "$(tcp_state $INET_ADDR 40000)" established "state"
	fi
	;;
*)
	conn_lives held after
	conn_lives held again
	;;
esac
