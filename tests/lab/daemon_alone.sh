#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A second daemon on the same data plane refuses, says which process holds it, and disturbs nothing.
. "$(dirname "$0")/lab.sh"

lab_up bridge
hairpin_up < <(standard_services)
echo_serve srv 7000
before=$(generation)

assert_eq "$(exit_status gw timeout 10 "$HAIRPIND" -f $CONF 2>"$LAB_DIR/second.txt")" 1 "the second daemon"
grep -q "${LAB_PIDS[hairpind]}" "$LAB_DIR/second.txt"
assert_eq "$(generation)" "$before" "generation"
lan1 ask $WAN_ADDR:7000
