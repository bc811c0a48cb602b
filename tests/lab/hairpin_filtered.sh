#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Who inside reaches another's dynamic mapping by the public address: hairpin_filtered.sh BUILD open|same FILTERING
#
# `open`: all but the isolated. `same`: as many as would from outside, judged by the external source.
# Requirements: 11, 12.
. "$(dirname "$0")/lab.sh"

judged=$1 filtering=$2
lab_up bridge
hairpin_up <<END
nat:
  limits: { sessions: 16384 }
  hairpin-filtering: $judged
  filtering: $filtering
END
echo_serve inet 7001
spawn host srv ask -k -p 5000 $INET_ADDR:7001
wait_for 10 'grep -qx "$WAN_ADDR:5000" "$LAB_DIR/host.log"'

before=$(packets drop-filtered)
if [ "$judged" = open ] || [ "$filtering" = endpoint-independent ]; then
	assert_eq "$(lan1 ask -p 6000 $WAN_ADDR:5000)" "$WAN_ADDR:6000" "the answer of the host"
	assert_eq "$(guest ask -p 6001 $WAN_ADDR:5000)" "$WAN_ADDR:6001" "the answer to another segment"
	assert_eq "$(packets drop-filtered)" "$before" "packets turned away"
else
	refute lan1 ask -p 6000 -w 700 $WAN_ADDR:5000
	refute guest ask -p 6001 -w 700 $WAN_ADDR:5000
	assert_counted drop-filtered "$before" 2
	# And nothing is left of them.
	assert_eq "$(external_port udp $LAN1_ADDR 6000)$(external_port udp $GUEST_ADDR 6001)" "" "mappings of who was turned away"
fi
