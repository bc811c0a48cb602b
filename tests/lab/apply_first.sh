#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The first attach goes back too: without confirmation the gateway is as it was, filters, netfilter, sysctls and daemon.
. "$(dirname "$0")/lab.sh"

lab_up bridge
sysctl -qw net.bridge.bridge-nf-call-iptables=1
standard_services | gw_conf "$LAB_DIR/new.yaml"
echo_serve srv 7000
nft list ruleset >"$LAB_DIR/before.txt"

hp apply --confirm 3s "$LAB_DIR/new.yaml"
inet ask $WAN_ADDR:7000
wait_for 20 '[ $(filters wan ingress) -eq 0 ]'
wait_for 10 '! "$HAIRPIN" status'
wait_for 10 '[ "$(sysctl -n net.ipv4.ip_forward)" = 0 ]'
assert_eq "$(sysctl -n net.bridge.bridge-nf-call-iptables)" 1 "bridge-nf-call-iptables"
nft list ruleset | diff "$LAB_DIR/before.txt" -
[ -z "$(find $PINS -type f 2>/dev/null || true)" ]
[ ! -e $CONF ]
