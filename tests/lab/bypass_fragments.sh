#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Datagrams in fragments by one arm, in any order: outwards, in through two routers, round by the public address, and as an answer whose question never came by.
. "$(dirname "$0")/lab.sh"
. "$LAB_SRC/lib/bypass.sh"

bypass_up
server_gateway gw
client_gateway gw
main_forward 7000/udp $SIDE_ADDR
main_forward 7001/udp $SRV_ADDR
hairpin_up <<-END
	wan: { interface: eth0, public-address: $MAIN_ADDR, map-upstream: off }
	services:
	  - { name: udp, host: $SRV_ADDR, ports: [7000/udp, 7001/udp], outside-source: client }
END
pieces_serve srv inet
spawn srv-past srv pieces serve 7001
wait_for 10 "listens srv udp 7001"

for order in forward reverse interleaved; do
	inet pieces -o "$order" -s 8000 -n 3 udp "$INET_ADDR:5000" $MAIN_ADDR:7000
	lan1 pieces -o "$order" -s 8000 -n 3 udp "$LAN1_ADDR:5001" $MAIN_ADDR:7000
	lan1 pieces -o "$order" -s 8000 -n 3 udp "$LAN1_ADDR:5002" $SIDE_ADDR:7000
	lan1 pieces -o "$order" -s 8000 -n 3 udp "$LAN1_ADDR:5003" $INET_ADDR:7000
	lan1 pieces -o "$order" -s 3000 echo "$LAN1_ADDR:77" $INET_ADDR
	inet pieces -o "$order" -s 8000 -n 3 udp "$INET_ADDR:5004" $MAIN_ADDR:7001
done
assert_eq "$(grep -c "from $INET_ADDR:5000 " "$LAB_DIR/srv.log")" 9 "datagrams from outside"
assert_eq "$(grep -c "from $MAIN_ADDR:" "$LAB_DIR/srv.log")" 18 "datagrams from inside, by either address"
assert_eq "$(grep -c "from $INET_ADDR:5004 " "$LAB_DIR/srv-past.log")" 9 "datagrams that came past us"
# Netfilter counts datagrams.
on_nftables && least=9 || least=50
assert_ge "$(packets pass-unseen)" "$least" "what answers those"
tables_agree
