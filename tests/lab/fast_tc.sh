#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Packets of a known flow take the way that was noted for it: from outside, through loopback and outwards, in both directions. A start of the daemon in between leaves
# them no way that the one before noted.
. "$(dirname "$0")/lab.sh"
. "$LAB_SRC/lib/fast.sh"

lab_up bridge
hairpin_up < <(standard_services)
echo_serve srv 7000
echo_serve inet 7001

outside=(40001 inet "$WAN_ADDR:7000" "$INET_ADDR:40001")
loop=(40002 lan1 "$WAN_ADDR:7000" "$WAN_ADDR:40002")
crossing=(40003 guest "$WAN_ADDR:7000" "$WAN_ADDR:40003")
outgoing=(40004 guest "$INET_ADDR:7001" "$WAN_ADDR:40004")

all_short() {
	wait_for 5 "answered ${outside[*]} && is_noted 40001"
	assert_short 40001 flow "${outside[@]}"
	wait_for 5 "answered ${loop[*]} && is_noted 40002"
	assert_short 40002 flow "${loop[@]}"
	wait_for 5 "answered ${crossing[*]} && is_noted 40003"
	assert_short 40003 flow "${crossing[@]}"
	wait_for 5 "answered ${outgoing[*]} && is_noted 40004"
	assert_short 40004 flow "${outgoing[@]}"
}
all_short

before=$(pace epoch)
hairpind_stop
hairpind_start
assert_ne "$(pace epoch)" "$before" "the epoch of the next daemon"
refute is_noted 40001
all_short
