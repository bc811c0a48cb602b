#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A datagram from outside reaches the server with the client's own address and port, and the answer comes from the
# public address.
. "$(dirname "$0")/lab.sh"

lab_up bridge
hairpin_up < <(standard_services)
echo_serve srv 7000

assert_eq "$(inet ask -p 40001 $WAN_ADDR:7000)" "$INET_ADDR:40001" "beside the gateway"
assert_eq "$(inet ask -b $INET_FAR -p 40001 $WAN_ADDR:7000)" "$INET_FAR:40001" "behind the provider"
