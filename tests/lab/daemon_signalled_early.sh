#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A signal while the daemon starts waits until it is up: what is attached then is whole, and it ends as always.
. "$(dirname "$0")/lab.sh"

lab_up bridge
standard_services | gw_conf
echo_serve srv 7000
hairpind_run
# Of the nftables backend there is nothing half attached; it has the state's lock before.
began=$(on_nftables && echo /var/lib/hairpin/hairpind.lock || echo $PINS)
wait_for 10 '[ -e $began ] || ! running hairpind'
kill -HUP "${LAB_PIDS[hairpind]}"
kill -TERM "${LAB_PIDS[hairpind]}"
finished hairpind
grep "ready: generation 1" "$LAB_DIR/hairpind.log"
for device in wan br-lan lan2; do
	assert_ge "$(filters $device ingress)" 1 "filters of $device"
done
inet ask $WAN_ADDR:7000
