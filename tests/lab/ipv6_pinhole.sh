#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# host6 opens exactly the service's own ports from WAN, with its `allow` list.
. "$(dirname "$0")/lab.sh"

lab_up bridge
hairpin_up <<END
services:
  - name: web
    host: $SRV_ADDR
    host6: $SRV_ADDR6
    ports: ["8443:443/tcp", 7000/udp]
  - name: limited
    host6: $LAN1_ADDR6
    ports: [7000/tcp]
    allow: ["2001:db8:99::/64"]
END
echo_serve srv 443 7000 8443
echo_serve lan1 7000

assert_eq "$(inet ask -t -p 5000 "[$SRV_ADDR6]:443")" "[$INET_ADDR6]:5000" "the internal port, for nothing is translated"
assert_eq "$(inet ask -p 5000 "[$SRV_ADDR6]:7000")" "[$INET_ADDR6]:5000" "udp"
refute inet ask -t -w 500 "[$SRV_ADDR6]:8443"
refute inet ask -t -w 500 "[$SRV_ADDR6]:7000"
assert_eq "$(inet ask -t -b '[2001:db8:99::10]' -p 5001 "[$LAN1_ADDR6]:7000")" "[2001:db8:99::10]:5001" "allowed"
before=$(packets drop-not-allowed)
refute inet ask -t -w 500 "[$LAN1_ADDR6]:7000"
assert_counted drop-not-allowed "$before"
