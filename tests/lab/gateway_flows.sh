#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The gateway's own flows share the index of external ports: they work by all protocols, keep their port while it is
# free, and are translated when a LAN host holds it.
# Requirements: 3.
. "$(dirname "$0")/lab.sh"

lab_up bridge
hairpin_up </dev/null
echo_serve inet 7001

assert_eq "$(gw ask -p 5001 $INET_ADDR:7001)" "$WAN_ADDR:5001" "udp, the port is free"
assert_eq "$(gw ask -t -p 5001 $INET_FAR:7001)" "$WAN_ADDR:5001" "tcp, the port is free"
gw ping -n -c 2 -i 0.2 -W 2 $INET_FAR | has ' 0% packet loss'

assert_eq "$(lan1 ask -p 5002 $INET_ADDR:7001)" "$WAN_ADDR:5002" "udp of a LAN host"
assert_eq "$(lan1 ask -t -p 5002 $INET_ADDR:7001)" "$WAN_ADDR:5002" "tcp of a LAN host"
assert_ne "$(gw ask -p 5002 $INET_ADDR:7001)" "$WAN_ADDR:5002" "udp, the port is taken"
assert_ne "$(gw ask -t -p 5002 $INET_ADDR:7001)" "$WAN_ADDR:5002" "tcp, the port is taken"

# And the other way about: a port that the gateway holds is not given to a LAN host.
assert_ne "$(lan1 ask -p 5001 $INET_ADDR:7001)" "$WAN_ADDR:5001" "udp of a LAN host, the port is the gateway's"
