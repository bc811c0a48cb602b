#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A daemon whose socket somebody removed is not taken for none: nothing is taken away behind its back.
. "$(dirname "$0")/lab.sh"

lab_up bridge
hairpin_up < <(standard_services)
echo_serve srv 7000
rm /run/hairpin/control.sock
assert_eq "$(exit_status hp detach 2>"$LAB_DIR/refusal.txt")" 3 "detach"
grep "process ${LAB_PIDS[hairpind]}" "$LAB_DIR/refusal.txt"
inet ask $WAN_ADDR:7000
hairpind_stop
hp detach
assert_eq "$(filters wan ingress)" 0 "filters"
