#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A flood of lone fragments hurts nobody else: fragments_flood.sh BUILD one|many|lan
#
# From one source outside, from sources that differ with each packet, and from a LAN host. Meanwhile what is no fragment goes through as
# ever, and so do a LAN host's datagrams in fragments and their answers, and those from outside of whom an inside host has spoken to.
# Requirements: 21.
. "$(dirname "$0")/lab.sh"

lab_up bridge
hairpin_up <<-END
	services:
	  - name: back
	    host: $SRV_ADDR
	    ports: [7000/udp, 7001/udp]
END
pieces_serve srv inet
echo_serve srv 7001

exchanges() {
	local i
	for i in 1 2 3 4 5; do
		lan1 pieces -o reverse -n 5 udp $LAN1_ADDR:5000 $INET_ADDR:7000
		lan1 pieces -o reverse -n 5 udp $LAN1_ADDR:5000 $WAN_ADDR:7000
		inet pieces -o reverse -n 5 udp $INET_ADDR:5000 $WAN_ADDR:7000
		inet ask -b $INET_ADDR2 $WAN_ADDR:7001
		lan1 ask $WAN_ADDR:7001
	done
}

case $1 in
one) spawn flood inet pieces flood $INET_ADDR2:6000 $WAN_ADDR:7000 ;;
# Random sources have to be routed back nowhere: the gateway does not look.
many) spawn flood inet pieces flood - $WAN_ADDR:7000 ;;
lan) spawn flood guest pieces flood $GUEST_ADDR:6000 $INET_ADDR:7000 ;;
esac
# A thousand lone fragments have filled all that is open to them.
wait_for 10 "[ \$(packets drop-fragment-rate) -gt 1000 ]"
exchanges
running flood
stop flood KILL || true
exchanges
