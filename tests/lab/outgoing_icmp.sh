#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# LAN hosts ping outside, both with the same ICMP id, and each gets its own answers.
# Requirements: 35.
. "$(dirname "$0")/lab.sh"

lab_up bridge
hairpin_up </dev/null
capture_start ids inet eth0 icmp

lan1 ping -n -c 3 -i 0.2 -W 2 -e 77 $INET_ADDR | has ' 0% packet loss'
srv ping -n -c 3 -i 0.2 -W 2 -e 77 $INET_ADDR | has ' 0% packet loss'
guest ping -n -c 3 -i 0.2 -W 2 $INET_FAR | has ' 0% packet loss'
capture_stop ids
assert_eq "$(captured ids 'icmp[icmptype] == icmp-echo and not src 198.51.100.1')" 0 "requests with another source"
assert_eq "$(captured ids 'icmp[icmptype] == icmp-echo and icmp[4:2] == 77 and dst 198.51.100.10')" 3 \
	"requests with the id 77: of the first host alone"
