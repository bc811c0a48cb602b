#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# IPv6 on one arm: what hosts open through us goes on though its answers come to them past us, and from outside only what host6 opens is let through.
. "$(dirname "$0")/lab.sh"
. "$LAB_SRC/lib/bypass.sh"

FAR_ADDR6=2001:db8:99::10

bypass_up
client_gateway gw
server_gateway gw
# As router advertisements have it; the kernel tells of no other.
router=$(ip -n main -6 -o addr show dev eth0 scope link | awk '{ sub(/\/.*/, "", $4); print $4 }')
ip -6 route replace default via "$router" dev eth0
hairpin_up <<-END
	services:
	  - { name: web, host6: $SRV_ADDR6, ports: [443/tcp] }
END
http_serve srv 443 80
http_serve inet 81
http_serve gw 82
http_files inet 200000

capture_start redirects lan1 eth0 'icmp6 and ip6[40] == 137'
assert_match "$(http_get lan1 "http://[$FAR_ADDR6]:81/")" "^\[?$LAN1_ADDR6" "outwards"
download big lan1 "http://[$FAR_ADDR6]:81/big"
downloaded big inet
lan1 ping -q -c 2 -W 5 $FAR_ADDR6
capture_stop redirects
assert_eq "$(captured redirects "")" 0 "other ways that it is told of"
assert_ge "$(packets pass-routed6)" 5 "what is routed"
assert_match "$(http_get lan1 "http://[$SIDE_ADDR6]:82/")" "^\[?$LAN1_ADDR6" "a neighbour to ourselves"
http_refused inet "http://[$SIDE_ADDR6]:82/"

# As a main router does that has the network behind us.
ip -n main -6 route add $SRV_ADDR6/128 via $SIDE_ADDR6
assert_match "$(http_get inet "http://[$SRV_ADDR6]:443/" --interface $FAR_ADDR6)" "^\[?$FAR_ADDR6" "what host6 opens"
http_refused inet "http://[$SRV_ADDR6]:80/"
