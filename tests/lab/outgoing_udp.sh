#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A LAN host's datagram leaves with the public address and, while it is free, its own port; the answer comes back.
. "$(dirname "$0")/lab.sh"

lab_up bridge
hairpin_up </dev/null
echo_serve inet 7001

sent=$(packets sent-outgoing)
assert_eq "$(lan1 ask -p 5000 $INET_ADDR:7001)" "$WAN_ADDR:5000" "first segment"
assert_eq "$(guest ask -p 5001 $INET_FAR:7001)" "$WAN_ADDR:5001" "second segment"
assert_counted sent-outgoing "$sent" 2
assert_eq "$(external_port udp $LAN1_ADDR 5000)" 5000 "the mapping as shown"
