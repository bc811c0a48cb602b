#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A packet from WAN to a LAN address is dropped and counted: a neighbour on the provider's link cannot walk in by a route.
. "$(dirname "$0")/lab.sh"

lab_up bridge
hairpin_up < <(standard_services)
echo_serve srv 7000
ip -n inet route add 192.168.11.0/24 via $WAN_ADDR
ip -n inet route add 192.168.12.0/24 via $WAN_ADDR
capture_start server srv eth0 "net 198.51.100.0/24"

before=$(packets drop-to-lan)
refute inet ask -w 500 $SRV_ADDR:7000
refute inet ask -t -w 500 $SRV_ADDR:7000
refute inet ping -n -c 1 -W 1 $GUEST_ADDR
refute inet ask -w 500 $LAN_GW:53
assert_counted drop-to-lan "$before" 4
inet ask $WAN_ADDR:7000
capture_stop server
assert_eq "$(captured server "src host $INET_ADDR and udp")" 1 "datagrams at the server: that of the forward"
