#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Reloads lose nothing of what a loopback carries either: numbered UDP both ways and a TCP stream from a LAN client through the
# public address.
LAB_PCAP=no
. "$(dirname "$0")/lab.sh"

lab_up bridge
conf() {
	gw_conf <<-END
		services:
		  - name: measured
		    host: $SRV_ADDR
		    ports: [7100/tcp, 7100/udp]
		  - name: moves
		    host: $SRV_ADDR
		    ports: ["$((10000 + $1)):443/tcp"]
	END
}
conf 0
hairpind_start
spawn serve srv numbered serve 7100
wait_for 10 'listens srv tcp 7100'
spawn ask lan1 numbered ask 2000 $WAN_ADDR:7100
for ((i = 1; i <= 100; i++)); do
	conf $i
	"$HAIRPIN" reload >/dev/null
done
status=0
stop ask TERM || status=$?
tail -n 1 "$LAB_DIR/ask.log" >&2
assert_eq "$status" 0 "what was sent is what arrived"
