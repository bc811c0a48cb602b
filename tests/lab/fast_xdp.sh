#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# nat.fast-path: on has packets of known flows go by XDP, from outside, through loopback on one bridge and across two segments, and outwards: fast_xdp.sh BUILD
#
# tc's programs do not see them then, except for the one in some seconds by which the bridge and the neighbour are kept fresh.
. "$(dirname "$0")/lab.sh"
. "$LAB_SRC/lib/fast.sh"

lab_up bridge
fast_ends
fast_up on < <(standard_services)
echo_serve srv 7000
echo_serve inet 7001

assert_eq "$(fast_paths)" "br-lan:tc lan2:xdp p-lan1:xdp p-srv:xdp wan:xdp" "the ways of the interfaces"

assert_xdp "wan br-lan" 40001 inet $WAN_ADDR:7000 $INET_ADDR:40001
assert_xdp br-lan 40002 lan1 $WAN_ADDR:7000 $WAN_ADDR:40002
assert_xdp "lan2 br-lan" 40003 guest $WAN_ADDR:7000 $WAN_ADDR:40003
assert_xdp "lan2 wan" 40004 guest $INET_ADDR:7001 $WAN_ADDR:40004
assert_xdp "br-lan wan" 40005 lan1 $INET_ADDR:7001 $WAN_ADDR:40005
