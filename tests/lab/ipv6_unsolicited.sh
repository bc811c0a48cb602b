#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# IPv6 from WAN that nobody inside asked for is dropped and counted, whatever the protocol.
. "$(dirname "$0")/lab.sh"

lab_up bridge
hairpin_up </dev/null
echo_serve srv 7000
lan1 ask "[$SRV_ADDR6]:7000"
capture_start server srv eth0 "ip6 and src $INET_ADDR6"

before=$(packets drop-closed)
refute inet ask -w 500 "[$SRV_ADDR6]:7000"
refute inet ask -t -w 500 "[$SRV_ADDR6]:7000"
refute inet ping -6 -n -c 1 -W 1 $SRV_ADDR6
refute inet ask -w 500 "[$LAN_GW6]:7000"
assert_counted drop-closed "$before" 4
capture_stop server
assert_eq "$(captured server '')" 0 "packets at the server"
