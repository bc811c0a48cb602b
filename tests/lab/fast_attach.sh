#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# nat.fast-path is switched between on and off again and again under load, and nothing of what is on its way is lost: numbered datagrams both ways and a TCP stream, from
# outside and through loopback: fast_attach.sh BUILD inet|lan1
#
# The hosts' ends have GRO, so that the veth keeps its receiving queue when a program goes; without it the kernel throws away what is in it.
LAB_PCAP=no
. "$(dirname "$0")/lab.sh"
. "$LAB_SRC/lib/fast.sh"

lab_up bridge
fast_ends
for device in wan p-lan1 p-srv lan2; do
	ethtool -K $device gro on
done
fast_up on <<END
services:
  - name: measured
    host: $SRV_ADDR
    ports: [7100/tcp, 7100/udp]
END
spawn serve srv numbered serve 7100
wait_for 10 'listens srv tcp 7100'
spawn ask "$1" numbered ask 2000 $WAN_ADDR:7100
switched() {
	sed -i "s/fast-path: .*/fast-path: $1/" $CONF
	"$HAIRPIN" reload >/dev/null
}
for ((i = 0; i < 10; i++)); do
	switched off
	assert_eq "$(programs_on wan p-lan1 p-srv)" 0 "XDP programs while it is off"
	switched on
	wait_for 5 '[ "$(programs_on wan p-lan1 p-srv)" = 3 ]'
	wait_for 5 'is_noted_to 7100'
done
status=0
stop ask TERM || status=$?
tail -n 1 "$LAB_DIR/ask.log" >&2
assert_eq "$status" 0 "what was sent is what arrived"
