#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A dynamic mapping is not open to a remote that the LAN host never spoke to; the attempt is counted.
. "$(dirname "$0")/lab.sh"

lab_up bridge
hairpin_up </dev/null
echo_serve inet 7001
spawn host lan1 ask -k -p 5000 $INET_ADDR:7001
wait_for 10 'grep -qx "$WAN_ADDR:5000" "$LAB_DIR/host.log"'

before=$(packets drop-filtered)
refute inet ask -b $INET_ADDR2 -w 500 $WAN_ADDR:5000
assert_counted drop-filtered "$before"
refute grep -q from "$LAB_DIR/host.log"

# The remote that it did speak to comes through, from the port that was spoken to.
stop echo-inet-7001 || true
assert_eq "$(inet ask -b $INET_ADDR -p 7001 $WAN_ADDR:5000)" "$INET_ADDR:7001" "the known remote"
