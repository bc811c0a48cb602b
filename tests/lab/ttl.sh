#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The TTL is decremented by one on every path, and a packet whose TTL runs out is answered with ICMP time exceeded and counted.
. "$(dirname "$0")/lab.sh"

lab_up bridge
hairpin_up < <(standard_services)
echo_serve srv 7000
echo_serve inet 7001
capture_start server srv eth0 'udp dst port 7000'
capture_start outside inet eth0 'udp dst port 7001'

inet ask $WAN_ADDR:7000
lan1 ask $WAN_ADDR:7000
lan1 ask $INET_ADDR:7001
capture_stop server
capture_stop outside
assert_eq "$(captured server 'ip[8] == 63')" 2 "forwarded and looped packets with a TTL of 63"
assert_eq "$(captured outside 'ip[8] == 63')" 1 "outgoing packets with a TTL of 63"

capture_start answers lan1 eth0 'icmp[icmptype] == icmp-timxceed'
capture_start answers-outside inet eth0 'icmp[icmptype] == icmp-timxceed'
before=$(packets drop-ttl)
lan1 raw_send -t 1 udp $LAN1_ADDR:5000 $INET_ADDR:7001
lan1 raw_send -t 1 udp $LAN1_ADDR:5001 $WAN_ADDR:7000
lan1 raw_send -t 1 echo $LAN1_ADDR:5002 $INET_ADDR
inet raw_send -t 1 udp $INET_ADDR:5003 $WAN_ADDR:7000
wait_for 5 "[ \$(tcpdump -n -r '$LAB_DIR/answers.pcap' | wc -l) -eq 3 ]"
wait_for 5 "[ \$(tcpdump -n -r '$LAB_DIR/answers-outside.pcap' | wc -l) -eq 1 ]"
assert_counted drop-ttl "$before" 4
# Conntrack translates also what the gateway itself says of the looped one.
assert_eq "$(captured answers "src $LAN_GW")" "$(on_nftables && echo 2 || echo 3)" "answers from the gateway's LAN address"
assert_eq "$(captured answers-outside "src $WAN_ADDR")" 1 "answers from the public address"
# The packet that is quoted is the one that was sent: the sender finds its socket by it.
assert_eq "$(captured answers "icmp[20:4] == 0xc0a80b02")" 3 "quoted sources"
