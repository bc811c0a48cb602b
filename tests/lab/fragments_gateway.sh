#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What the gateway itself sends and serves in fragments: its own datagrams, also from a port that a LAN host has outside, and a service on WAN and on a LAN.
# Requirements: 3, 20.
. "$(dirname "$0")/lab.sh"

lab_up bridge
hairpin_up <<-END
	wan:
	  interface: wan
	  pass: [7002/udp, icmp-echo]
	services:
	  - name: back
	    host: $SRV_ADDR
	    ports: [7000/udp]
END
pieces_serve inet
spawn gw gw pieces serve 7002
wait_for 10 "listens gw udp 7002"

# Its own, cut by its kernel; the answer comes back in pieces too.
gw pieces -k -n 3 udp $WAN_ADDR:5000 $INET_ADDR:7000
assert_eq "$(grep -c "from $WAN_ADDR:5000 3000" "$LAB_DIR/inet.log")" 3 "own datagrams, by their own port"
lan1 pieces -k udp $LAN1_ADDR:5001 $INET_ADDR:7000
assert_eq "$(grep -c "from $WAN_ADDR:5001 3000" "$LAB_DIR/inet.log")" 1 "the LAN host's"
gw pieces -k udp $WAN_ADDR:5001 $INET_ADDR:7000
assert_eq "$(grep -c "from $WAN_ADDR:5001 3000" "$LAB_DIR/inet.log")" 1 "nobody else's from that port"

# Its services, seen as they are asked.
inet pieces -o reverse udp $INET_ADDR:5000 $WAN_ADDR:7002
lan1 pieces -o reverse udp $LAN1_ADDR:5000 $WAN_ADDR:7002
lan1 pieces -o reverse udp $LAN1_ADDR:5000 $LAN_GW:7002
assert_eq "$(cat "$LAB_DIR/gw.log")" "from $INET_ADDR:5000 3000
from $LAN1_ADDR:5000 3000
from $LAN1_ADDR:5000 3000" "who asked"
inet ping -q -c 2 -s 3000 -W 2 $WAN_ADDR
lan1 ping -q -c 2 -s 3000 -W 2 $WAN_ADDR
lan1 ping -q -c 2 -s 3000 -W 2 $INET_ADDR
gw ping -q -c 2 -s 3000 -W 2 $INET_ADDR

# What is closed stays so.
before=$(packets drop-closed)
refute inet pieces -w 500 udp $INET_ADDR:5000 $WAN_ADDR:7003
assert_counted drop-closed "$before" 1
