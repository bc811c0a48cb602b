#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A LAN device that lost its filter sends nothing out with a private source: never_open_lan.sh BUILD alive|dead
#
# `alive`: the daemon puts the filter back and traffic flows again. `dead`: it was killed before, and nothing leaves. With nftables it is the whole table
# that is deleted: from the moment that it is back, nothing leaves, not even of flows that began untranslated.
. "$(dirname "$0")/lab.sh"

lab_up bridge
hairpin_up </dev/null
echo_serve inet 7001
lan1 ask $INET_ADDR:7001
[ "$1" = alive ] || hairpind_kill
if on_nftables; then
	spawn early lan1 many_flows 50 $INET_FAR:7001
	nft delete table inet hairpin
	wait_for 1 '[ $(filters) -eq 1 ]'
fi
capture_start outside inet eth0 'src net 192.168.0.0/16'

on_nftables || tc qdisc del dev br-lan clsact
spawn crowd lan1 many_flows 200 $INET_FAR:7001
spawn ping lan1 ping -n -c 3 -i 0.2 -W 1 $INET_ADDR
if [ "$1" = alive ]; then
	wait_for 10 "lan1 ask -w 200 $INET_ADDR:7001"
else
	wait_for 20 'grep -q answered "$LAB_DIR/crowd.log"'
	assert_eq "$(cat "$LAB_DIR/crowd.log")" "answered 0 of 200" "flows without a filter"
	refute lan1 ask -t -w 500 $INET_ADDR:7001
	assert_match "$(guest ask $INET_ADDR:7001)" "^$WAN_ADDR:" "the segment that has its filter"
fi
capture_stop outside
assert_eq "$(captured outside '')" 0 "packets with a private source on the provider's link"
