#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# By default the gateway answers an echo request from WAN, and nothing else.
. "$(dirname "$0")/lab.sh"

lab_up bridge
hairpin_up </dev/null
echo_serve gw 22

inet ping -n -c 2 -i 0.2 -W 2 $WAN_ADDR | has ' 0% packet loss'
inet ping -6 -n -c 2 -i 0.2 -W 2 $WAN_ADDR6 | has ' 0% packet loss'
before=$(packets drop-closed)
refute inet ask -t -w 500 $WAN_ADDR:22
refute inet ask -w 500 $WAN_ADDR:22
assert_counted drop-closed "$before" 2
