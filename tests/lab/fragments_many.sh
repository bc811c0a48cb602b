#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Whole datagrams are not limited, however many fragments they are: 64 of 60,000 octets at once, each way, and none is lost.
# Requirements: 20.
. "$(dirname "$0")/lab.sh"

lab_up bridge
hairpin_up < <(pieces_service)
pieces_serve srv inet

lan1 pieces -k -s 60000 -n 64 udp $LAN1_ADDR:5000 $INET_ADDR:7000
guest pieces -k -s 60000 -n 64 udp $GUEST_ADDR:5000 $WAN_ADDR:7000
inet pieces -k -s 60000 -n 64 udp $INET_ADDR:5000 $WAN_ADDR:7000
assert_eq "$(packets drop-fragment-rate)" 0 "fragments refused"
