#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Only a regular file is applied: a pipe would be read by two, or keep the daemon waiting for its writer.
. "$(dirname "$0")/lab.sh"

lab_up bridge
hairpin_up < <(standard_services)
echo_serve srv 7000
before=$(generation)
mkfifo "$LAB_DIR/pipe"
assert_eq "$(exit_status timeout 5 "$HAIRPIN" apply "$LAB_DIR/pipe" 2>"$LAB_DIR/refusal.txt")" 1 "apply of a pipe"
grep "regular file" "$LAB_DIR/refusal.txt"
assert_eq "$(exit_status hp apply "$LAB_DIR" 2>"$LAB_DIR/refusal.txt")" 1 "apply of a directory"
grep "regular file" "$LAB_DIR/refusal.txt"
assert_eq "$(generation)" "$before" "generation"
inet ask $WAN_ADDR:7000
