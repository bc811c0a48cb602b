#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Where no sorter can be made, here because namespaces are forbidden, the gateway works, drops and counts fragments, and says why. With
# nftables none is needed: they pass all the same.
. "$(dirname "$0")/lab.sh"

lab_up bridge
gw_conf < <(standard_services)
spawn hairpind gw setpriv --bounding-set -sys_admin --inh-caps -sys_admin "$HAIRPIND" -f "$CONF"
wait_for 30 '! running hairpind || "$HAIRPIN" status'
running hairpind || fail "hairpind ended by itself, see its log"
echo_serve srv 7000

lan1 ask $WAN_ADDR:7000
if on_nftables; then
	pieces_serve inet
	lan1 pieces -o reverse -s 8000 udp $LAN1_ADDR:5000 $INET_ADDR:7000
	assert_eq "$(hp_json status -- '.warnings | length')" 0 "warnings"
	exit 0
fi
before=$(packets drop-fragment)
refute lan1 pieces -w 500 udp $LAN1_ADDR:5000 $WAN_ADDR:7000
assert_counted drop-fragment "$before" 3
assert_match "$(hp status)" "fragments .* are dropped, there is no sorter: .*Operation not permitted" "status"
