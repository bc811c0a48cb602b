#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Fragments of IPv6 pass between the segments and to the gateway, and not over WAN: there they are dropped and counted, in both directions, also for
# a host whose ports are open. Whole packets of the same flows pass. With nftables the kernel puts them together before anything is judged, so that they pass
# over WAN too where whole packets do, and nowhere else.
. "$(dirname "$0")/lab.sh"

lab_up bridge
hairpin_up <<END
services:
  - name: back
    host6: $SRV_ADDR6
    ports: [7000/udp]
END
for ns in srv inet guest; do
	spawn sink-$ns $ns socat -u -b 65000 UDP6-RECV:7000 "CREATE:$LAB_DIR/got-$ns"
	wait_for 5 "listens $ns udp 7000"
done
head -c 4000 /dev/urandom >"$LAB_DIR/large"
head -c 1000 /dev/urandom >"$LAB_DIR/small"

# sends FROM FILE ADDRESS
sends() {
	in_ns "$1" socat -u -b 65000 "FILE:$LAB_DIR/$2" "UDP6-SENDTO:[$3]:7000"
}
while read -r from to address; do
	before=$(packets drop-fragment)
	sends "$from" large "$address"
	if on_nftables; then
		wait_for 5 "cmp '$LAB_DIR/large' '$LAB_DIR/got-$to'"
		continue
	fi
	assert_counted drop-fragment "$before" 3
	sends "$from" small "$address"
	wait_for 5 "cmp '$LAB_DIR/small' '$LAB_DIR/got-$to'"
done <<-END
	lan1 inet $INET_ADDR6
	inet srv $SRV_ADDR6
END

if on_nftables; then
	before=$(packets drop-closed)
	sends inet large "$LAN1_ADDR6"
	assert_counted drop-closed "$before"
fi
sends lan1 large "$GUEST_ADDR6"
wait_for 5 "cmp '$LAB_DIR/large' '$LAB_DIR/got-guest'"
lan1 ping -6 -n -c 1 -W 2 -s 4000 $LAN_GW6 >/dev/null
