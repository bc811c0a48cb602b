#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# ICMP errors by one arm: the main router's about what we sent on in our name, with its address in the LAN; a server's about what came through us; and our own.
# Requirements: 39.
. "$(dirname "$0")/lab.sh"
. "$LAB_SRC/lib/bypass.sh"

bypass_up
server_gateway gw
client_gateway gw
main_forward 7000/udp $SIDE_ADDR
main sysctl -qw net.ipv4.icmp_ratelimit=0
inet sysctl -qw net.ipv4.icmp_ratelimit=0
srv sysctl -qw net.ipv4.icmp_ratelimit=0
hairpin_up <<-END
	wan: { interface: eth0, public-address: $MAIN_ADDR, map-upstream: off }
	services:
	  - { name: udp, host: $SRV_ADDR, ports: [7000/udp], outside-source: client }
END

refused() { # NS ENDPOINT
	assert_eq "$(in_ns "$1" ask "$2" || true)" "Connection refused" "what $1 hears about $2"
}

# Nobody is there: the server says so, in the name of what was asked.
refused inet $MAIN_ADDR:7000
refused lan1 $MAIN_ADDR:7000
refused lan1 $SIDE_ADDR:7000
# And from outside about what a host, or we, sent there.
refused lan1 $INET_ADDR:9
refused gw $INET_ADDR:9
refused gw $LAN1_ADDR:9

assert_match "$(lan1 ping -n -c 1 -W 2 -t 1 $INET_ADDR || true)" "From $SIDE_ADDR .*exceeded" "the first hop"
assert_match "$(lan1 ping -n -c 1 -W 2 -t 2 $INET_ADDR || true)" "From $LAN_GW .*exceeded" "the second"

ip -n main link set wan mtu 1300
ip -n inet link set eth0 mtu 1300
assert_match "$(lan1 ping -n -c 1 -W 2 -M "do" -s 1400 $INET_ADDR 2>&1 || true)" "mtu ?= ?1300" "a link beyond is narrow, a host's"
assert_match "$(gw ping -n -c 1 -W 2 -M "do" -s 1400 $INET_ADDR 2>&1 || true)" "mtu ?= ?1300" "the same, our own"
upload lan1 inet 5002 $INET_ADDR 5002
assert_eq "$(packets drop-icmp-error)" 0 "errors that were not believed"
