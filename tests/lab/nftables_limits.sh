#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What one host inside may hold and open, with nftables: the others are not touched by it, and a reload does not begin to count anew.
. "$(dirname "$0")/lab.sh"

conf() {
	gw_conf <<-END
		nat:
		  backend: nftables
		  limits: { sessions: 16384, sessions-per-host: 50, new-per-host: $1 }
	END
}

lab_up bridge
conf unlimited
hairpind_start
echo_serve inet 7001
spawn greedy lan1 many_flows 200 $INET_FAR:7001
wait_for 30 'grep -q answered "$LAB_DIR/greedy.log"'
assert_eq "$(cat "$LAB_DIR/greedy.log")" "answered 50 of 200" "flows of one host"
assert_ge "$(packets drop-host-limit)" 100 "packets counted as drop-host-limit"
assert_match "$(guest ask $INET_FAR:7001)" "^$WAN_ADDR:" "another host"

conf 10
reload
refute lan1 ask -w 300 $INET_FAR:7001
spawn fast guest many_flows 40 $INET_FAR:7001
wait_for 30 'grep -q answered "$LAB_DIR/fast.log"'
assert_ge "$(packets drop-host-rate)" 1 "packets counted as drop-host-rate"
