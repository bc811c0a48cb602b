#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Checksums of looped and forwarded packets are right on the wire, with the offloads of every device switched off: tcpdump verifies
# each one.
. "$(dirname "$0")/lab.sh"

lab_up bridge
hairpin_up < <(standard_services)
http_serve srv 443 80
echo_serve srv 7000
echo_serve inet 7001
for ns in lan1 srv guest inet; do
	in_ns $ns ethtool -K eth0 tx off tso off gso off gro off >/dev/null
done
for dev in wan p-lan1 p-srv lan2 br-lan; do
	ethtool -K $dev tx off tso off gso off gro off >/dev/null
done
capture_start wire srv eth0 "ip and not icmp"
capture_start outside inet eth0 "ip"

for ns in lan1 guest srv inet; do
	http_get $ns http://$WAN_ADDR:8443/ >/dev/null
	in_ns $ns ask $WAN_ADDR:7000 >/dev/null
done
lan1 ask $INET_ADDR:7001 >/dev/null
lan1 ask -t $INET_ADDR:7001 >/dev/null
lan1 ping -n -c 1 -W 2 $INET_ADDR >/dev/null
capture_stop wire
capture_stop outside
for name in wire outside; do
	tcpdump -n -vv -r "$LAB_DIR/$name.pcap" >"$LAB_DIR/$name.txt" 2>/dev/null
	assert_ge "$(grep -cE 'cksum .*correct|udp sum ok' "$LAB_DIR/$name.txt")" 8 "checksums that tcpdump judged on $name"
	refute grep -E 'incorrect|bad (udp )?cksum|wrong' "$LAB_DIR/$name.txt"
done
