#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# When another host holds the client's port outside, loopback shows the port that the client's mapping really has.
# Requirements: 1, 12.
. "$(dirname "$0")/lab.sh"

lab_up bridge
hairpin_up < <(standard_services)
echo_serve srv 7000
echo_serve inet 7001

assert_eq "$(guest ask -p 5000 $INET_ADDR:7001)" "$WAN_ADDR:5000" "another host takes the port"
outside=$(lan1 ask -p 5000 $INET_ADDR:7001)
assert_ne "$outside" "$WAN_ADDR:5000" "the client gets another"
assert_eq "$(lan1 ask -p 5000 $WAN_ADDR:7000)" "$outside" "what the server behind the loopback sees"
assert_eq "$(external_port udp $LAN1_ADDR 5000)" "$(port_of "$outside")" "what is shown"
