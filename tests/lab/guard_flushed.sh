#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# `nft flush ruleset` takes the guard table away: the filters still hold, and the daemon puts the table back.
. "$(dirname "$0")/lab.sh"

lab_up bridge
hairpin_up < <(standard_services)
echo_serve srv 7000
echo_serve gw 7004

nft flush ruleset
# With nftables there is nothing else that closes; the daemon is told by the kernel, and what began meanwhile ends.
! on_nftables || wait_for 1 'nft list chain inet hairpin forward_between'
refute inet ask -w 300 $WAN_ADDR:7004
assert_match "$(inet ask $WAN_ADDR:7000)" "^$INET_ADDR:" "forward"
wait_for 10 'nft list table inet hairpin'
