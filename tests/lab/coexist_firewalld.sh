#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Beside firewalld, whose rules as it writes them are in tests/unit/coexist: zones external (wan) and internal (the LANs). What is translated it lets through, what goes out and questions for us it
# rejects; `hairpin check` says so in its words, and with the rules that it writes after those commands all is let through.
. "$(dirname "$0")/lab.sh"

RULES=$LAB_SRC/../unit/coexist

lab_up bridge
gw nft -f "$RULES/firewalld.nft"
{
	standard_services
	printf 'dns:\n  upstream: [9.9.9.9]\n'
} | gw_conf
echo_serve srv 7000
echo_serve inet 9000
hairpind_start
assert_eq "$(hp_json status -- .backend.name)" nftables "what auto takes"
assert_eq "$(hp_json status -- .backend.other_rules)" 2 "what status counts"
assert_eq "$(inet ask -p 5000 $WAN_ADDR:7000)" "$INET_ADDR:5000" "a forward"
assert_eq "$(lan1 ask -p 5001 $WAN_ADDR:7000)" "$WAN_ADDR:5001" "loopback"
refute lan1 ask -w 500 $INET_ADDR:9000

hp_json check "$CONF" -- '.findings[] | select(.kind == "other-rules") | .text, .fix' >"$LAB_DIR/found" || true
cat "$LAB_DIR/found" >&2
has -F 'chain filter_FWD_internal: reject with icmpx admin-prohibited: drops what goes out' <"$LAB_DIR/found"
has -F 'firewall-cmd --permanent --policy=hp-intern-extern --add-egress-zone=external' <"$LAB_DIR/found"
has -F 'firewall-cmd --permanent --zone=internal --add-port=53/udp' <"$LAB_DIR/found"

gw nft delete table inet firewalld
gw nft -f "$RULES/firewalld-mended.nft"
assert_match "$(lan1 ask $INET_ADDR:9000)" "^$WAN_ADDR:" "outwards"
assert_eq "$(lan1 ask -p 5002 $WAN_ADDR:7000)" "$WAN_ADDR:5002" "loopback then"
assert_eq "$(hp_json status -- .backend.other_rules)" 0 "what status counts then"
