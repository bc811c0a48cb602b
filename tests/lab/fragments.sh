#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Datagrams in fragments: fragments.sh BUILD out|out2|in|hairpin|hairpin2 ORDER [LINK]
#
# Out of a LAN (of the other one: out2), in through a forward, and round in the gateway within one segment and between two; in order and in others (tests/helpers/pieces.c).
# The receiver sees who it is, and the answer, cut by its own kernel, comes back whole. With a LINK, wan and lan2 are of that kind (lib/links.sh).
# Requirements: 11, 12, 20.
. "$(dirname "$0")/lab.sh"

way=$1 order=$2
LAB_LINKS=${3:+wan=$3 lan2=$3}
lab_up bridge
hairpin_up <<-END
	services:
	  - name: back
	    host: $SRV_ADDR
	    ports: [7000/udp, 7001/tcp]
END
pieces_serve srv inet
echo_serve srv 7001
echo_serve inet 7001

case $way in
out) client=lan1 address=$LAN1_ADDR to=$INET_ADDR server=inet seen=$WAN_ADDR ;;
in) client=inet address=$INET_ADDR to=$WAN_ADDR server=srv seen=$INET_ADDR ;;
hairpin) client=lan1 address=$LAN1_ADDR to=$WAN_ADDR server=srv seen=$WAN_ADDR ;;
out2) client=guest address=$GUEST_ADDR to=$INET_ADDR server=inet seen=$WAN_ADDR ;;
hairpin2) client=guest address=$GUEST_ADDR to=$WAN_ADDR server=srv seen=$WAN_ADDR ;;
esac

sorted=$(packets sent-to-sorter)
in_ns $client pieces -o "$order" -s 3000 udp "$address:5000" $to:7000
in_ns $client pieces -o "$order" -s 8000 -n 5 udp "$address:5000" $to:7000
# By the smallest piece that names both ports.
in_ns $client pieces -o "$order" -s 100 -c 8 udp "$address:5000" $to:7000
assert_eq "$(grep -c "from $seen:5000 " "$LAB_DIR/$server.log")" 7 "datagrams from $seen"
in_ns $client pieces -o "$order" -s 600 -c 32 tcp "$address:5001" $to:7001
in_ns $client pieces -o "$order" -s 3000 echo "$address:77" $to
# Netfilter puts them in order in the kernel itself.
on_nftables || assert_counted sent-to-sorter "$sorted" 70
