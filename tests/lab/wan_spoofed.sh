#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A packet from WAN with a source of a LAN, or of the gateway itself, is dropped and counted, also to a forwarded port.
. "$(dirname "$0")/lab.sh"

lab_up bridge
hairpin_up < <(standard_services)
echo_serve srv 7000
capture_start server srv eth0 'port 7000'

for source in $LAN1_ADDR $GUEST_ADDR $LAN_GW $WAN_ADDR 127.0.0.1; do
	before=$(packets drop-spoofed)
	inet raw_send udp $source:4000 $WAN_ADDR:7000
	inet raw_send syn $source:4000 $WAN_ADDR:7000
	wait_for 5 "[ \$(packets drop-spoofed) -eq $((before + 2)) ]"
done

# What follows on the same path arrives, so the others would have.
inet raw_send udp $INET_ADDR:4000 $WAN_ADDR:7000
inet ask $WAN_ADDR:7000
capture_stop server
assert_eq "$(captured server "dst port 7000 and src port 4000 and not src $INET_ADDR")" 0 "spoofed packets at the server"
assert_eq "$(captured server "dst port 7000 and src port 4000 and src $INET_ADDR")" 1 "the honest one"
