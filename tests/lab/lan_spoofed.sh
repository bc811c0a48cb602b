#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A packet from a LAN with a source that cannot be there is dropped and counted, and leaves by no device.
. "$(dirname "$0")/lab.sh"

lab_up bridge
hairpin_up < <(standard_services)
echo_serve srv 7000
echo_serve inet 7001
capture_start outside inet eth0 'udp'

for source in $GUEST_ADDR 203.0.113.77 $INET_ADDR $WAN_ADDR; do
	before=$(packets drop-spoofed)
	lan1 raw_send udp $source:4000 $INET_ADDR:7001
	lan1 raw_send udp $source:4000 $WAN_ADDR:7000
	wait_for 5 "[ \$(packets drop-spoofed) -eq $((before + 2)) ]"
done
lan1 ask $INET_ADDR:7001
capture_stop outside
assert_eq "$(captured outside 'src port 4000')" 0 "spoofed packets outside"
