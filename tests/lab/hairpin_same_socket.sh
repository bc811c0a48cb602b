#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A socket that sends to its own external endpoint receives its own datagram, from that endpoint.
# Requirements: 11, 12.
. "$(dirname "$0")/lab.sh"

lab_up bridge
hairpin_up </dev/null
echo_serve inet 7001

# The second destination is the mapping that the first question made: what arrives is the question itself.
assert_eq "$(lan1 ask -p 5000 $INET_ADDR:7001 $WAN_ADDR:5000)" "$WAN_ADDR:5000
who am I?" "answer from outside, and the own question"
