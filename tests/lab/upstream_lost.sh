#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The main router's service restarts and has forgotten all; it is away for a minute, and comes back as after a reboot; it gets another public address. Who comes from outside, and who
# goes inside by the public address or by name, gets there again by itself.
# upstream_lost.sh BUILD pcp|natpmp|igd restart|away|address
. "$(dirname "$0")/lab.sh"
. "$LAB_SRC/lib/bypass.sh"
. "$LAB_SRC/lib/upstream.sh"
. "$LAB_SRC/lib/public.sh"

next_addr=25.11.0.7
mapped=$(printf '%s\n' "7000/udp $SIDE_ADDR:7000" "8443/tcp $SIDE_ADDR:8443")

# forwards_come: the main router has them, we say so, and they lead to the server. miniupnpd takes a forward of NAT-PMP away for a moment when it is asked for once more, so that a
# datagram may find none.
forwards_come() {
	await_mappings "$mapped"
	await_forward 8443/tcp "^mapped"
	await_forward 7000/udp "^mapped"
	wait_for 30 '[ "$(verdict web)" = serving ]'
	wait_for 30 "http_get inet http://$MAIN_ADDR:8443/ | grep -q '^$INET_ADDR:'"
	wait_for 30 "inet ask $MAIN_ADDR:7000 | grep -q '^$INET_ADDR:'"
}

# inside_works WHEN
inside_works() {
	assert_match "$(http_get lan1 http://$MAIN_ADDR:8443/)" "." "$1: inside by the public address"
	assert_match "$(in_ns lan1 ask $MAIN_ADDR:7000)" "." "$1: inside by the public address, udp"
	assert_match "$(http_get lan1 http://app.example.com:8443/)" "^$LAN1_ADDR:" "$1: inside by name"
}

# A name that nobody declared, with the address that is ours: told with the host inside, and the other one as it is.
doctored() { # NAME OTHER-NAME
	[ "$(ask_name lan1 $SIDE_ADDR "$1.example.com" A)" = $SRV_ADDR ] && [ "$(ask_name lan1 $SIDE_ADDR "$2.example.com" A)" != $SRV_ADDR ]
}

away_for_a_minute() {
	local until
	until=$(($(now_ms) + 60000))
	main_away
	await_forward 8443/tcp "^unanswered$"
	assert_ne "$(verdict web)" serving "verdict while it is away"
	inside_works "while it is away"
	wait_for 60 "[ \$(now_ms) -ge $until ]"
	inside_works "after a minute"
	stop miniupnpd || true
	main_forgets
	main_back
	main_miniupnpd_start
}

bypass_up
client_gateway gw
server_gateway gw
http_serve srv 8443
echo_serve srv 7000
auth_serve <<-END
	home A $MAIN_ADDR
	next A $next_addr
END
echo "nameserver $SIDE_ADDR" >/etc/resolv.conf
main_miniupnpd_up "$1"
hairpin_up <<-END
	wan: { interface: eth0, stun: off }
	services:
	  - { name: web, domain: app.example.com, host: $SRV_ADDR, ports: [8443/tcp], outside-source: client }
	  - { name: echo, host: $SRV_ADDR, ports: [7000/udp], outside-source: client }
	dns: { upstream: [$AUTH_ADDR] }
END
forwards_come
public_comes $MAIN_ADDR router
inside_works "at first"
wait_for 10 "doctored home next"

case $2 in
restart) main_miniupnpd_restart ;;
away) away_for_a_minute ;;
address)
	main_public_change $next_addr
	public_comes $next_addr router
	wait_for 30 "doctored next home"
	;;
esac
forwards_come
inside_works "after $2"
[ "$2" = address ] || wait_for 30 "doctored home next"
assert_eq "$(ip -o addr show to $MAIN_ADDR)" "" "the public address on this machine"
