#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# `allow` judges the client's own address from outside, and does not limit clients inside.
. "$(dirname "$0")/lab.sh"

lab_up bridge
hairpin_up <<END
services:
  - name: private
    host: $SRV_ADDR
    ports: [7000/tcp, 7000/udp]
    allow: [$INET_ADDR/32, 203.0.113.0/24]
END
echo_serve srv 7000

assert_match "$(inet ask -t $WAN_ADDR:7000)" "^$INET_ADDR:" "allowed by address"
assert_match "$(inet ask -b $INET_FAR $WAN_ADDR:7000)" "^$INET_FAR:" "allowed by prefix"
assert_match "$(lan1 ask -t $WAN_ADDR:7000)" "^$WAN_ADDR:" "inside"

before=$(packets drop-not-allowed)
refute inet ask -b $INET_ADDR2 -w 500 $WAN_ADDR:7000
refute inet ask -t -b $INET_ADDR2 -w 500 $WAN_ADDR:7000
assert_counted drop-not-allowed "$before" 2
