#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# nat.fast-path: off has nothing noted, and a reload changes between off, auto and on while a flow goes on.
. "$(dirname "$0")/lab.sh"
. "$LAB_SRC/lib/fast.sh"

lab_up bridge
fast_ends
fast_up off < <(standard_services)
echo_serve srv 7000
outside=(40001 inet "$WAN_ADDR:7000" "$INET_ADDR:40001")

assert_eq "$(fast_paths)" "br-lan:off lan2:off p-lan1:off p-srv:off wan:off" "the ways of the interfaces"
assert_eq "$(pace epoch)" 0 "the epoch"
flows 5 "${outside[@]}"
assert_eq "$(ways_of 40001 | jq -c '[.[][0]] | unique')" "[0]" "the epochs of what was noted"

sed -i 's/fast-path: off/fast-path: auto/' $CONF
reload
assert_eq "$(fast_paths)" "br-lan:tc lan2:tc p-lan1:tc p-srv:tc wan:tc" "the ways of the interfaces under auto"
assert_tc "wan br-lan" "${outside[@]}"

sed -i 's/fast-path: auto/fast-path: on/' $CONF
reload
assert_xdp "wan br-lan" "${outside[@]}"

sed -i 's/fast-path: on/fast-path: off/' $CONF
reload
assert_eq "$(pace epoch)" 0 "the epoch after it was switched off"
assert_eq "$(programs_on wan lan2 p-lan1 p-srv br-lan)" 0 "XDP programs after it was switched off"
before=$(ways_of 40001)
flows 5 "${outside[@]}"
assert_eq "$(ways_of 40001)" "$before" "what is noted after it was switched off"
