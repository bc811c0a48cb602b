#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# With bridge-nf-call-iptables set back to 1, a rule that drops what conntrack calls invalid, and a dropping FORWARD policy,
# loopback still works from every client, under nat.ignore-netfilter: hairpin_beside_netfilter.sh BUILD bridge|plain
. "$(dirname "$0")/lab.sh"

lab_up "$1"
beside_netfilter
http_serve srv 443 80
http_files srv 1000000
echo_serve srv 7000
echo_serve inet 7001

port=40000
for client in lan1 guest srv; do
	port=$((port + 1))
	assert_eq "$(http_get $client http://$WAN_ADDR:8443/ --local-port $port)" "$WAN_ADDR:$port" "tcp from $client"
	assert_eq "$(in_ns $client ask -p $port $WAN_ADDR:7000)" "$WAN_ADDR:$port" "udp from $client"
	download "file-$client" $client http://$WAN_ADDR:8443/big
	downloaded "file-$client" srv
done
# Of ports that hosts opened by sending, netfilter has none.
on_nftables && exit 0
spawn host srv ask -k -p 5000 $INET_ADDR:7001
wait_for 10 'grep -qx "$WAN_ADDR:5000" "$LAB_DIR/host.log"'
assert_eq "$(lan1 ask -p 6000 $WAN_ADDR:5000)" "$WAN_ADDR:6000" "a dynamic mapping"
assert_eq "$(srv ask -p 6001 $WAN_ADDR:5000)" "$WAN_ADDR:6001" "its own dynamic mapping"
