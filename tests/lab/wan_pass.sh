#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# From WAN the gateway answers what wan.pass names and nothing else; what it does not answer is counted.
. "$(dirname "$0")/lab.sh"

lab_up bridge
hairpin_up <<END
wan:
  interface: wan
  pass: [22/tcp, 5353/udp, 6000-6001/udp]
END
echo_serve gw 22 5353 6001 80

assert_match "$(inet ask -t $WAN_ADDR:22)" "^$INET_ADDR:" "passed by tcp"
assert_match "$(inet ask $WAN_ADDR:5353)" "^$INET_ADDR:" "passed by udp"
assert_match "$(inet ask $WAN_ADDR:6001)" "^$INET_ADDR:" "passed in a range"
assert_match "$(inet ask -t "[$WAN_ADDR6]:22")" "^\[$INET_ADDR6\]:" "passed over IPv6"
before=$(packets drop-closed)
refute inet ask -w 500 $WAN_ADDR:22
refute inet ask -t -w 500 $WAN_ADDR:5353
refute inet ask -t -w 500 $WAN_ADDR:80
refute inet ask -w 500 $WAN_ADDR:6002
refute inet ping -n -c 1 -W 1 $WAN_ADDR
refute inet ask -t -w 500 "[$WAN_ADDR6]:80"
assert_counted drop-closed "$before" 6
