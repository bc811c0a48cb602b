#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A main router that speaks none of the protocols: that is said, with the table to enter there, and noticed as soon as it does. With wan.map-upstream: off nothing is asked for, and
# the table is there again.
. "$(dirname "$0")/lab.sh"
. "$LAB_SRC/lib/bypass.sh"
. "$LAB_SRC/lib/upstream.sh"

# table COMMAND...: what has to be entered, without spaces at its ends and runs of them.
table() {
	{ hp "$@" || true; } | sed -n '/EXTERNAL *PROTOCOL/,/^ *$/p' | { grep -E '^ +[0-9]' || true; } | tr -s ' ' | sed 's/^ //'
}

# assert_tables WHY: in status and in check, whole.
assert_tables() {
	local command wanted
	wanted=$(printf "%s $1\n" "8443 tcp $SIDE_ADDR 8443" "9443 tcp $SIDE_ADDR 9443" "7000-7009 udp $SIDE_ADDR 7000-7009")
	for command in status "check $CONF"; do
		# shellcheck disable=SC2086 # two words
		assert_eq "$(table $command)" "$wanted" "the table of $command"
	done
}

bypass_up
gw_conf <<-END
	services:
	  - name: web
	    host: $SRV_ADDR
	    ports: [8443/tcp, "9443:443/tcp"]
	  - name: voice
	    host: $SRV_ADDR
	    ports: [7000-7009/udp]
END
hairpind_start
await_forward 8443/tcp "^unanswered$"
assert_eq "$(upstream .settled)" true "all were asked"
assert_eq "$(upstream '[.peers[].answer] | join(" ")')" "silent silent silent not-asked" "what they say"
assert_eq "$(upstream .protocol)" null "the protocol"
assert_tables "neither PCP nor NAT-PMP nor UPnP answers there"
main_miniupnpd_up
await_forward 8443/tcp "^mapped"
await_forward 9443/tcp "^mapped"
await_forward 7009/udp "^mapped"
assert_eq "$(table status)" "" "what there is to enter as soon as the router does it"

sed -i 's/^wan:/wan:\n  map-upstream: off/' "$CONF"
hp reload
await_mappings ""
assert_eq "$(upstream '.forwards | length')" 0 "what is asked for"
assert_eq "$(upstream '.peers[0].answer')" answers "the diagnosis still asks"
assert_tables "wan.map-upstream: off"
