#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Fragments that are no datagram arrive nowhere: fragments_refused.sh BUILD overlapping|holed
#
# Overlapping ones say two things, and whoever believes the other one is deceived (RFC 5722 of IPv6, the kernel does so for IPv4); where one is
# missing the others are thrown away. Nothing of either leaves, and what comes after them is served.
# Requirements: 20, 21.
. "$(dirname "$0")/lab.sh"

lab_up bridge
hairpin_up < <(pieces_service)
pieces_serve srv
capture_start server srv eth0 'udp or ip[6:2] & 0x3fff != 0'

refute inet pieces -o "$1" -s 6000 -w 1000 udp $INET_ADDR:5000 $WAN_ADDR:7000
refute lan1 pieces -o "$1" -s 6000 -w 1000 udp $LAN1_ADDR:5000 $WAN_ADDR:7000
capture_stop server
assert_eq "$(captured server ip)" 0 "packets that the server saw"
inet pieces -s 6000 udp $INET_ADDR:5000 $WAN_ADDR:7000
lan1 pieces -s 6000 udp $LAN1_ADDR:5000 $WAN_ADDR:7000
