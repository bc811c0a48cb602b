#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# An interface that does not exist yet is named by status and attached within a second of its appearance:
# interface_appears.sh BUILD wan|lan2
. "$(dirname "$0")/lab.sh"

dev=$1
lab_up bridge
echo_serve srv 7000
echo_serve inet 7001
capture_stop_all
ip link del "$dev"
hairpin_up < <(standard_services)
hp_json status -- '.waits[]' | has "$dev"

device_make "$dev"
wait_for 5 "[ \$(filters $dev ingress) -eq 1 ]"
assert_lt $(($(now_ms) - DEVICE_MADE_MS)) 1000 "milliseconds until the filter stood"
wait_for 5 "guest ask -w 200 $INET_ADDR:7001"
assert_match "$(inet ask $WAN_ADDR:7000)" "^$INET_ADDR:" "forward"
assert_match "$(guest ask $WAN_ADDR:7000)" "^$WAN_ADDR:" "loopback"
assert_eq "$(hp_json status -- '.waits | length')" 0 "what status still waits for"
