#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The daemon is dead, its data plane is not, and an apply fails half-way (the configuration file cannot be written): what was in force
# is in force again, and nobody waits: apply_taken_over.sh BUILD plain|confirm
. "$(dirname "$0")/lab.sh"

lab_up bridge
mount -t tmpfs lab-etc /etc/hairpin
hairpin_up < <(standard_services)
echo_serve srv 7000 9000
sed 's#7000/udp#9000/udp#' $CONF >"$LAB_DIR/new.yaml"
cp $CONF "$LAB_DIR/before.yaml"
hairpind_kill
mount -o remount,ro /etc/hairpin

options=()
[ "$1" = plain ] || options=(--confirm 60s)
assert_eq "$(exit_status hp apply "${options[@]}" "$LAB_DIR/new.yaml" 2>"$LAB_DIR/refusal.txt")" 1 "apply"
grep "$CONF" "$LAB_DIR/refusal.txt"
inet ask $WAN_ADDR:7000
refute inet ask -w 300 $WAN_ADDR:9000
[ ! -e /var/lib/hairpin/pending.json ]
wait_for 5 '! pgrep -x hairpind'
cmp /var/lib/hairpin/applied.yaml "$LAB_DIR/before.yaml"
