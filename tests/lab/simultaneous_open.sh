#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Two sockets that connect to each other across the NAT meet, whoever is first: simultaneous_open.sh BUILD outside|inside
#
# The SYN from outside that comes first is dropped in silence; once the host's own has passed, it is let in and no more refused.
# Requirements: 23, 24, 26.
. "$(dirname "$0")/lab.sh"

lab_up bridge
# Not the capture that every lab makes: there may be none.
capture_start told inet eth0 icmp
hairpin_up </dev/null

if [ "$1" = outside ]; then
	before=$(packets drop-closed)
	spawn peer inet meet $INET_ADDR2:6000 $WAN_ADDR:5000
	wait_for 10 "[ \$(packets drop-closed) -gt $before ]"
	assert_eq "$(notes)" 1 "notes of a SYN that nobody asked for"
	host=$(srv meet $SRV_ADDR:5000 $INET_ADDR2:6000)
	# With nftables it is left to its own end: conntrack takes the repetition for an answer before anybody asks for notes.
	on_nftables || assert_eq "$(notes)" 0 "notes after the host's own SYN"
else
	# The host's SYN must not meet a stack that has no such socket yet, which would reset it.
	nsenter --net=/run/netns/inet nft -f - <<-END
		table ip hold {
			chain input {
				type filter hook input priority 0
				tcp dport 6000 drop
			}
		}
	END
	spawn host srv meet $SRV_ADDR:5000 $INET_ADDR2:6000
	wait_for 10 "[ \"\$(external_port tcp $SRV_ADDR 5000)\" = 5000 ]"
	inet nft delete table ip hold
	assert_eq "$(inet meet $INET_ADDR2:6000 $WAN_ADDR:5000)" "seen as $INET_ADDR2:6000" "what the peer hears"
	finished host
	host=$(cat "$LAB_DIR/host.log")
fi
assert_eq "$host" "seen as $WAN_ADDR:5000" "what the host hears"
if [ "$1" = outside ]; then
	finished peer
	assert_eq "$(cat "$LAB_DIR/peer.log")" "seen as $INET_ADDR2:6000" "what the peer hears"
fi
assert_eq "$(captured told "icmp and dst host $INET_ADDR2")" 0 "errors that the peer was sent"
