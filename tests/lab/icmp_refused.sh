#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A port where nobody listens: who asks is refused at once, from outside, from inside, and around by the public address, and every checksum of the
# errors is right on the wire with the offloads of every device off. The mapping that was refused goes on.
# Requirements: 15, 17, 33, 37, 40, 41, 42, 43, 44.
. "$(dirname "$0")/lab.sh"

lab_up bridge
hairpin_up < <(standard_services)
echo_serve inet 7001
nsenter --net=/run/netns/srv sysctl -qw net.ipv4.icmp_ratelimit=0
nsenter --net=/run/netns/inet sysctl -qw net.ipv4.icmp_ratelimit=0
for ns in lan1 srv guest inet; do
	in_ns $ns ethtool -K eth0 tx off tso off gso off gro off >/dev/null
done
for dev in wan p-lan1 p-srv lan2 br-lan; do
	ethtool -K $dev tx off tso off gso off gro off >/dev/null
done
for ns in inet lan1 srv guest; do
	capture_start wire-$ns $ns eth0 'icmp[icmptype] == icmp-unreach'
done

refused() { # NS ENDPOINT [OPTION...]
	assert_eq "$(in_ns "$1" ask "${@:3}" "$2" || true)" "Connection refused" "what $1 hears about $2"
}
refused inet $WAN_ADDR:7000
for ns in lan1 guest srv; do
	refused $ns $WAN_ADDR:7000
	refused $ns $INET_ADDR:9
done
# The server from the very port that it is known by outside.
refused srv $INET_ADDR:9 -p 7000

lan1 ask -p 5000 $INET_ADDR:7001
before=$(external_port udp $LAN1_ADDR 5000)
refused lan1 $INET_ADDR:9 -p 5000
assert_eq "$(lan1 ask -p 5000 $INET_ADDR2:7001)" "$WAN_ADDR:$before" "the mapping after the error"

for ns in inet lan1 srv guest; do
	capture_stop wire-$ns
	tcpdump -n -vv -r "$LAB_DIR/wire-$ns.pcap" >"$LAB_DIR/wire-$ns.txt" 2>/dev/null
	assert_ge "$(grep -c 'ICMP .* unreachable' "$LAB_DIR/wire-$ns.txt")" 2 "errors on the wire of $ns"
	assert_eq "$(grep -c 'udp sum ok' "$LAB_DIR/wire-$ns.txt")" "$(grep -c 'ICMP .* unreachable' "$LAB_DIR/wire-$ns.txt")" \
		"quoted datagrams whose checksum is right, on the wire of $ns"
	refute grep -E 'incorrect|bad (udp )?cksum|wrong' "$LAB_DIR/wire-$ns.txt"
done
assert_eq "$(captured wire-inet "src $WAN_ADDR")" 1 "errors of the server, in the name of the public address"
assert_eq "$(captured wire-guest "src $WAN_ADDR")" 1 "the same, around by the public address"
