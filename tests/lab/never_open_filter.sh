#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# When the tc filters of WAN are deleted under a port scan, nothing behind answers: never_open_filter.sh BUILD alive|dead
#
# `alive`: the daemon puts them back and forwards answer again. `dead`: it was killed before, and nothing ever does. With nftables it is the whole table
# that is deleted, nothing is left that closes, and the daemon has it back within a second.
LAB_PCAP=no
. "$(dirname "$0")/lab.sh"

lab_up bridge
hairpin_up < <(standard_services)
for ns in srv lan1 guest; do
	echo_serve $ns 7000
done
echo_serve gw 7004
ip -n inet route add 192.168.11.0/24 via $WAN_ADDR
ip -n inet route add 192.168.12.0/24 via $WAN_ADDR
spawn scan inet scan -w 100 6998-7005 $WAN_ADDR $SRV_ADDR $LAN1_ADDR $GUEST_ADDR $LAN_GW "[$SRV_ADDR6]" "[$WAN_ADDR6]"
wait_for 20 'grep -q "round 2" "$LAB_DIR/scan.log"'
grep -q "tcp $WAN_ADDR:7000 open" "$LAB_DIR/scan.log"

[ "$1" = alive ] || hairpind_kill
if on_nftables; then
	nft delete table inet hairpin
	wait_for 1 '[ $(filters) -eq 1 ]'
else
	tc qdisc del dev wan clsact
fi
rounds=$(grep -c round "$LAB_DIR/scan.log")
if [ "$1" = alive ]; then
	wait_for 10 '[ $(filters wan ingress) -eq 1 ]'
	wait_for 10 "inet ask -w 200 $WAN_ADDR:7000"
fi
wait_for 30 "[ \$(grep -c round '$LAB_DIR/scan.log') -ge $((rounds + 4)) ]"
stop scan || true

# What began while there was no table has a round of its own.
! on_nftables || sed -i "1,/^round $((rounds + 1))$/d" "$LAB_DIR/scan.log"
# The one thing that may ever answer is the forward, while the filters stand.
refute grep -vE "^round |^(tcp|udp) $WAN_ADDR:7000 (open|answered)$" "$LAB_DIR/scan.log"
if [ "$1" = dead ]; then
	refute grep -v round < <(sed "1,/^round $((rounds + 1))$/d" "$LAB_DIR/scan.log")
fi
