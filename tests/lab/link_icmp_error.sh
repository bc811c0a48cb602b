#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# ICMP errors reach those whose flows they are about: the gateway's own over IPv4, and a LAN host's over IPv6, Packet Too Big among
# them. An error about no flow at all is dropped and counted.
# Requirements: 39.
. "$(dirname "$0")/lab.sh"

lab_up bridge
host_up far inet eth1 203.0.113.66/32 2001:db8:66::66/64
ip -n inet link set eth1 mtu 1300
ip -n far link set eth0 mtu 1300
ip -n inet addr add 2001:db8:66::1/64 dev eth1 nodad
ip -n inet route add 203.0.113.66/32 dev eth1
nsenter --net=/run/netns/far sysctl -qw net.ipv4.conf.all.arp_ignore=0
ip -n far route add default dev eth0
ip -n far -6 route add default via 2001:db8:66::1
nsenter --net=/run/netns/inet sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1 \
	net.ipv4.conf.all.proxy_arp=1
hairpin_up </dev/null

refused() { # NS ENDPOINT
	assert_eq "$(in_ns "$1" ask "$2" || true)" "Connection refused" "what $1 hears about $2"
}
gw ping -n -c 1 -W 2 203.0.113.66
lan1 ping -6 -n -c 1 -W 2 2001:db8:66::66
refused gw $INET_ADDR:9
refused gw "[$INET_ADDR6]:9"
refused lan1 "[$INET_ADDR6]:9"
assert_match "$(gw ping -n -c 1 -W 2 -M "do" -s 1400 203.0.113.66 2>&1 || true)" "mtu ?= ?1300" "Fragmentation Needed"
assert_match "$(lan1 ping -6 -n -c 1 -W 2 -M "do" -s 1400 2001:db8:66::66 2>&1 || true)" "mtu ?[:=] ?1300" "Packet Too Big"

before=$(packets drop-icmp-error)
inet ping -n -c 1 -W 1 -I $INET_ADDR $WAN_ADDR >/dev/null
inet raw_send unreachable $INET_ADDR $WAN_ADDR
wait_for 5 "[ \$(packets drop-icmp-error) -eq $((before + 1)) ]"
