#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A forward that a reload adds takes its port from a dynamic mapping that held it.
. "$(dirname "$0")/lab.sh"

lab_up bridge
hairpin_up < <(standard_services)
echo_serve inet 7001
echo_serve srv 7000 9000

assert_eq "$(lan1 ask -p 9000 $INET_ADDR:7001)" "$WAN_ADDR:9000" "mapping of the LAN host"
gw_conf <<END
services:
  - name: late
    host: $SRV_ADDR
    ports: [9000/udp]
END
reload
stop echo-inet-7001 || true
assert_eq "$(inet ask -p 7001 $WAN_ADDR:9000)" "$INET_ADDR:7001" "the forward answers, also that remote"
echo_serve inet 7001
assert_ne "$(lan1 ask -p 9000 $INET_ADDR:7001)" "$WAN_ADDR:9000" "new mapping of the LAN host"
