#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A service on a host behind a second router in the LAN: forward, loopback and outgoing traffic work by the route.
. "$(dirname "$0")/lab.sh"

lab_up bridge
host_up deep lan1 eth1 192.168.20.5/24 2001:db8:20::5/64
ip -n lan1 addr add 192.168.20.1/24 dev eth1
ip -n deep route add default via 192.168.20.1
nsenter --net=/run/netns/lan1 sysctl -qw net.ipv4.ip_forward=1
ip route add 192.168.20.0/24 via $LAN1_ADDR dev $LAN_DEV
hairpin_up <<END
services:
  - name: deep
    host: 192.168.20.5
    ports: ["8443:443/tcp", 7000/udp]
END
http_serve deep 443
echo_serve deep 7000
echo_serve inet 7001

assert_eq "$(http_get inet http://$WAN_ADDR:8443/ --local-port 40001)" "$INET_ADDR:40001" "forward"
assert_eq "$(http_get guest http://$WAN_ADDR:8443/ --local-port 40002)" "$WAN_ADDR:40002" "loopback from the second segment"
assert_eq "$(srv ask -p 40003 $WAN_ADDR:7000)" "$WAN_ADDR:40003" "loopback from the first segment"
assert_eq "$(in_ns deep ask -p 40004 $WAN_ADDR:7000)" "$WAN_ADDR:40004" "loopback of the host to itself"
assert_eq "$(in_ns deep ask -p 40005 $INET_ADDR:7001)" "$WAN_ADDR:40005" "outgoing"
