#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A confirmed configuration stays: the limit passes and nothing goes back, and the file of the daemon is the new one.
. "$(dirname "$0")/lab.sh"

lab_up bridge
hairpin_up < <(standard_services)
echo_serve srv 7000 9000
sed 's#7000/udp#9000/udp#' $CONF >"$LAB_DIR/new.yaml"

assert_eq "$(exit_status hp confirm)" 1 "confirm while nothing is pending"
hp apply --confirm 2s "$LAB_DIR/new.yaml"
assert_ne "$(hp_json status -- .pending)" null "what is pending"
assert_eq "$(exit_status hp apply --confirm 2s "$LAB_DIR/new.yaml")" 1 "a second apply meanwhile"
hp confirm
assert_eq "$(hp_json status -- .pending)" null "what is pending after it"
cmp "$LAB_DIR/new.yaml" $CONF

# Longer than the limit, by the clock of the daemon.
after=$(($(now_ms) + 3500))
wait_for 10 "[ \$(now_ms) -ge $after ]"
inet ask $WAN_ADDR:9000
refute inet ask -w 300 $WAN_ADDR:7000
