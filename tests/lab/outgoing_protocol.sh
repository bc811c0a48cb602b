#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What the NAT cannot translate never leaves with a private source: a GRE packet is dropped and counted.
. "$(dirname "$0")/lab.sh"

lab_up bridge
hairpin_up </dev/null
capture_start wire inet eth0 'src net 192.168.0.0/16'

before=$(packets drop-protocol)
lan1 socat -u - IP4-SENDTO:$INET_ADDR:47 <<<"no tunnel through here"
wait_for 5 "[ \$(packets drop-protocol) -gt $before ]"
lan1 ping -n -c 1 -W 2 $INET_ADDR >/dev/null
capture_stop wire
assert_eq "$(captured wire '')" 0 "packets with a private source on the provider's link"
