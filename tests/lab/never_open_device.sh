#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# When the WAN device is deleted and made anew under a port scan, nothing behind answers: never_open_device.sh BUILD alive|dead
#
# `alive`: the daemon attaches to the new device. `dead`: it was killed before, and the new device passes nothing.
LAB_PCAP=no
. "$(dirname "$0")/lab.sh"

lab_up bridge
hairpin_up < <(standard_services)
for ns in srv lan1 guest; do
	echo_serve $ns 7000
done
echo_serve gw 7004
routes() {
	ip -n inet route replace 192.168.11.0/24 via $WAN_ADDR
	ip -n inet route replace 192.168.12.0/24 via $WAN_ADDR
}
routes
spawn scan inet scan -w 100 6998-7005 $WAN_ADDR $SRV_ADDR $LAN1_ADDR $GUEST_ADDR $LAN_GW "[$SRV_ADDR6]" "[$WAN_ADDR6]"
wait_for 20 'grep -q "round 2" "$LAB_DIR/scan.log"'
grep -q "tcp $WAN_ADDR:7000 open" "$LAB_DIR/scan.log"

[ "$1" = alive ] || hairpind_kill
ip link del wan
wait_for 20 'tail -n 1 "$LAB_DIR/scan.log" | has round'
device_make wan
ip -n inet -6 route replace 2001:db8:11::/64 via $WAN_ADDR6
routes
rounds=$(grep -c round "$LAB_DIR/scan.log")
if [ "$1" = alive ]; then
	wait_for 10 '[ $(filters wan ingress) -eq 1 ]'
	wait_for 10 "inet ask -w 200 $WAN_ADDR:7000"
fi
wait_for 30 "[ \$(grep -c round '$LAB_DIR/scan.log') -ge $((rounds + 4)) ]"
stop scan || true

refute grep -vE "^round |^(tcp|udp) $WAN_ADDR:7000 (open|answered)$|Network is unreachable$|unreachable$" "$LAB_DIR/scan.log"
# Rules go by the device's name, so what is forwarded goes on.
if [ "$1" = dead ] && ! on_nftables; then
	refute grep -v round < <(sed "1,/^round $((rounds + 1))$/d" "$LAB_DIR/scan.log")
fi
