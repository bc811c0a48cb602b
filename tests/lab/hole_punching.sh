#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Two peers that both send get through the strictest filtering: hole_punching.sh BUILD outside|inside
#
# The peer is outside, or inside too and filtered alike (nat.hairpin-filtering: same), where both meet at their external endpoints.
# Requirements: 10, 11, 12.
. "$(dirname "$0")/lab.sh"

peer=$1
lab_up bridge
hairpin_up <<END
nat:
  limits: { sessions: 16384 }
  filtering: address-and-port-dependent
  hairpin-filtering: same
END
echo_serve inet 7001
spawn host srv ask -k -p 5000 $INET_ADDR:7001
wait_for 10 'grep -qx "$WAN_ADDR:5000" "$LAB_DIR/host.log"'
if [ "$peer" = outside ]; then
	ns=inet own=$INET_ADDR2:6000 seen=$INET_ADDR2:6000
else
	ns=lan1 own=$LAN1_ADDR:6000 seen=$WAN_ADDR:6000
	assert_eq "$(lan1 ask -p 6000 $INET_ADDR:7001)" "$WAN_ADDR:6000" "the peer's own endpoint"
fi

before=$(packets drop-filtered)
refute in_ns $ns ask -b "${own%:*}" -p 6000 -w 700 $WAN_ADDR:5000
assert_counted drop-filtered "$before"
refute grep -q from "$LAB_DIR/host.log"
# The host calls the peer from the port that the peer knows.
srv raw_send udp $SRV_ADDR:5000 "$seen"
assert_eq "$(in_ns $ns ask -b "${own%:*}" -p 6000 $WAN_ADDR:5000)" "$seen" "the host's answer"
grep -qx "from $seen" "$LAB_DIR/host.log"
# The hole is the peer's, not everybody's.
refute inet ask -b $INET_ADDR2 -p 6001 -w 700 $WAN_ADDR:5000
refute lan1 ask -p 6001 -w 700 $WAN_ADDR:5000
