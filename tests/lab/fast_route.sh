#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The route to a network inside moves to another router of ours: the noted ways follow with the next packet, also where a rule has it asked of another table:
# fast_route.sh BUILD auto|on
. "$(dirname "$0")/lab.sh"
. "$LAB_SRC/lib/fast.sh"

# Two routers with the same host behind them, as far as addresses go; which of them answers can be told by the port that it is asked from.
router_up() { # NS
	ip -n "$1" addr add 192.168.20.5/32 dev lo
	echo_serve "$1" 7000
}
lab_up bridge
fast_ends
router_up lan1
router_up srv
ip route add 192.168.20.0/24 via $LAN1_ADDR dev $LAN_DEV
fast_up "$1" <<END
services:
  - name: deep
    host: 192.168.20.5
    ports: [7000/udp]
END
outside=(40001 inet "$WAN_ADDR:7000" "$INET_ADDR:40001")
leads_to() { # NS
	[ "$(session_of 40001 | jq -r '.way[0].dest[]' | xargs printf '%02x:' | sed 's/:$//')" = "$(ip -n "$1" -j link show eth0 | jq -r '.[0].address')" ]
}

wait_for 10 "answered ${outside[*]} && is_noted 40001"
wait_for 2 "leads_to lan1"
ip route replace 192.168.20.0/24 via $SRV_ADDR dev $LAN_DEV
wait_for 5 "answered ${outside[*]} && is_noted 40001"
leads_to srv || fail "the way does not follow the route"
ip route add 192.168.20.0/24 via $LAN1_ADDR dev $LAN_DEV table 77
ip rule add to 192.168.20.0/24 table 77
wait_for 5 "answered ${outside[*]} && is_noted 40001"
leads_to lan1 || fail "the way does not follow the rule"
ip route del 192.168.20.0/24 table 77
ip route del 192.168.20.0/24
refute inet ask -w 500 -p 40001 $WAN_ADDR:7000
