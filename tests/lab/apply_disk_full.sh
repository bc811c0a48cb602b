#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# No confirmation, and no room on any disk: the way in comes back all the same, by the daemon and within the limit. The
# configuration file follows as soon as there is room; until then nothing can be confirmed or reloaded over it.
. "$(dirname "$0")/lab.sh"

lab_up bridge
mount -t tmpfs -o size=64k lab-etc /etc/hairpin
mount -t tmpfs -o size=512k lab-state /var/lib/hairpin
hairpin_up < <(standard_services)
cp $CONF "$LAB_DIR/before.yaml"
sed -e 's#7000/udp#9000/udp#' $CONF >"$LAB_DIR/new.yaml"
echo_serve srv 7000 9000
pid=$(hp_json status -- .pid)

hp apply --confirm 3s "$LAB_DIR/new.yaml"
inet ask $WAN_ADDR:9000
for full in /etc/hairpin /var/lib/hairpin; do
	refute cp /dev/zero $full/full 2>/dev/null
done
wait_for 8 'inet ask -w 200 $WAN_ADDR:7000'
refute inet ask -w 300 $WAN_ADDR:9000
assert_eq "$(hp_json status -- .pid)" "$pid" "the daemon"
assert_eq "$(exit_status hp confirm)" 1 "confirm, too late"
assert_eq "$(exit_status hp reload)" 1 "reload of the rejected text"
cmp $CONF "$LAB_DIR/new.yaml"

rm /etc/hairpin/full /var/lib/hairpin/full
wait_for 5 '[ "$(hp_json status -- .pending)" = null ]'
cmp $CONF "$LAB_DIR/before.yaml"
cmp $CONF.rejected "$LAB_DIR/new.yaml"
hp reload
inet ask $WAN_ADDR:7000

# With no room to begin with, nothing is applied that could not be taken back.
refute cp /dev/zero /var/lib/hairpin/full 2>/dev/null
assert_eq "$(exit_status hp apply --confirm 3s "$LAB_DIR/new.yaml")" 1 "apply"
assert_eq "$(hp_json status -- .pending)" null "what is pending"
inet ask $WAN_ADDR:7000
