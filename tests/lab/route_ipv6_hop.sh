#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# IPv4 routes by a next hop that has an IPv6 address (RFC 8950), outside and inside: what is translated gets there, in both directions, and what the gateway has to say of it too.
# Each packet by the long way: a noted one asks the kernel for the Ethernet address alone, and would make good what it loses.
. "$(dirname "$0")/lab.sh"

lab_up bridge
ip route replace default via inet6 $INET_ADDR6 dev wan
ip -n lan1 addr add 192.168.20.5/32 dev lo
ip route add 192.168.20.0/24 via inet6 $LAN1_ADDR6 dev $LAN_DEV
hairpin_up <<END
nat: { fast-path: off }
services:
  - name: deep
    host: 192.168.20.5
    ports: [7000/udp]
END
echo_serve lan1 7000
echo_serve inet 7001

for ((i = 0; i < 3; i++)); do
	assert_eq "$(guest ask -p 40001 $INET_FAR:7001)" "$WAN_ADDR:40001" "who asks outside"
	assert_eq "$(inet ask -b $INET_FAR -p 40002 $WAN_ADDR:7000)" "$INET_FAR:40002" "who asks inside"
done

capture_start far inet eth0 'icmp[icmptype] == icmp-timxceed'
inet raw_send -t 1 udp $INET_FAR:5003 $WAN_ADDR:7000
wait_for 5 "[ \$(tcpdump -n -r '$LAB_DIR/far.pcap' | wc -l) -eq 1 ]"
capture_stop far
assert_eq "$(captured far "src $WAN_ADDR and dst $INET_FAR")" 1 "errors about a packet from outside"
