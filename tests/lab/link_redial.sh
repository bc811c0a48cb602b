#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A dialled WAN (point to point, no Ethernet header) goes and comes back as a new device with another address: what is translated then has the
# new one, forwards and loopback work on it, and not a packet leaves untranslated meanwhile: link_redial.sh BUILD tun|pppoe
. "$(dirname "$0")/lab.sh"

[ "$1" = tun ] || need_kernel "$1"
LAB_LINKS=wan=$1
lab_up bridge
hairpin_up < <(standard_services)
echo_serve srv 7000
echo_serve inet 7001
capture_stop_all
capture_start leaked inet any 'src net 192.168.0.0/16'
spawn stream lan1 ping -n -i 0.02 $INET_FAR
assert_eq "$(inet ask -p 50001 $WAN_ADDR:7000)" "$INET_ADDR:50001" "forward"
old=$WAN_ADDR

stop cable-wan || true
wait_for 5 '! ip link show wan'
WAN_ADDR=198.51.100.77
device_make wan
wait_for 5 "inet ask -w 200 $WAN_ADDR:7000"
assert_eq "$(inet ask -p 50002 $WAN_ADDR:7000)" "$INET_ADDR:50002" "forward on the new address"
assert_eq "$(guest ask -p 40002 $WAN_ADDR:7000)" "$WAN_ADDR:40002" "loopback on the new address"
assert_eq "$(lan1 ask -p 40003 $INET_ADDR:7001)" "$WAN_ADDR:40003" "outgoing by the new address"
before=$(wc -l <"$LAB_DIR/stream.log")
wait_for 5 "[ \$(wc -l <'$LAB_DIR/stream.log') -gt $((before + 5)) ]"
stop stream INT || true
capture_stop leaked
assert_eq "$(captured leaked '')" 0 "packets that left untranslated"
# The kernel has forgotten the old address, and so has the NAT.
assert_eq "$(hp_json show mappings -- "[.mappings[] | select(.external == \"$old\")] | length")" 0 "mappings of the old address"
