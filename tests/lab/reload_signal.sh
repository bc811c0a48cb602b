#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# SIGHUP applies the edited configuration.
. "$(dirname "$0")/lab.sh"

lab_up bridge
hairpin_up < <(standard_services)
echo_serve srv 7000 9000
before=$(generation)

sed -i 's#7000/udp#9000/udp#' $CONF
kill -HUP "${LAB_PIDS[hairpind]}"
wait_for 5 "[ \$(generation) -eq $((before + 1)) ]"
inet ask $WAN_ADDR:9000
refute inet ask -w 300 $WAN_ADDR:7000
