#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A device that is deleted and made anew under the same name is attached again within a second, by the running daemon:
# interface_anew.sh BUILD wan|lan2|br-lan
. "$(dirname "$0")/lab.sh"

dev=$1
lab_up bridge
hairpin_up < <(standard_services)
echo_serve srv 7000
echo_serve inet 7001
capture_stop_all
old=$(cat /sys/class/net/"$dev"/ifindex)

ip link del "$dev"
device_make "$dev"
assert_ne "$(cat /sys/class/net/"$dev"/ifindex)" "$old" "index of the new device"
wait_for 5 "[ \$(filters $dev ingress) -eq 1 ]"
assert_lt $(($(now_ms) - DEVICE_MADE_MS)) 1000 "milliseconds until the filter stood"
# Neighbours and bridge ports need their moment on a new device: each way is asked until it answers.
wait_for 5 "guest ask -w 200 $INET_ADDR:7001"
wait_for 5 "inet ask -w 200 $WAN_ADDR:7000"
wait_for 5 "guest ask -w 200 $WAN_ADDR:7000"
wait_for 5 "lan1 ask -w 200 $WAN_ADDR:7000"
assert_match "$(inet ask $WAN_ADDR:7000)" "^$INET_ADDR:" "forward"
assert_match "$(guest ask $WAN_ADDR:7000)" "^$WAN_ADDR:" "loopback from the second segment"
assert_match "$(lan1 ask $WAN_ADDR:7000)" "^$WAN_ADDR:" "loopback from the first segment"
