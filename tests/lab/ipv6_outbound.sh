#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# IPv6 from a LAN reaches outside untranslated, by all protocols, and the answers come back.
. "$(dirname "$0")/lab.sh"

lab_up bridge
hairpin_up </dev/null
echo_serve inet 7001

assert_eq "$(lan1 ask -p 5000 "[$INET_ADDR6]:7001")" "[$LAN1_ADDR6]:5000" "udp"
assert_eq "$(guest ask -t -p 5001 '[2001:db8:99::10]:7001')" "[$GUEST_ADDR6]:5001" "tcp"
lan1 ping -6 -n -c 2 -i 0.2 -W 2 $INET_ADDR6 | has ' 0% packet loss'
gw ping -6 -n -c 2 -i 0.2 -W 2 $INET_ADDR6 | has ' 0% packet loss'
assert_match "$(gw ask "[$INET_ADDR6]:7001")" "^\[$WAN_ADDR6\]:" "the gateway itself"
