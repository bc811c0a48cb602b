#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Somebody has bridged packets go through netfilter, where loopback is translated at the port of the bridge and again behind it: it is switched
# off at the start, said and switched off again while the daemon runs, and given back by detach.
. "$(dirname "$0")/lab.sh"

switch=/proc/sys/net/bridge/bridge-nf-call-iptables
[ -e $switch ] || skip "the kernel has no br_netfilter"
lab_up bridge
echo 1 >$switch
hairpin_up < <(
	standard_services
	printf 'nat:\n  backend: nftables\n  limits: { sessions: 16384 }\n'
)
echo_serve srv 7000
assert_eq "$(cat $switch)" 0 "the setting after the start"
assert_eq "$(lan1 ask -p 5000 $WAN_ADDR:7000)" "$WAN_ADDR:5000" "loopback"

echo 1 >$switch
wait_for 10 "[ \$(cat $switch) = 0 ]"
wait_for 5 'grep -q "bridge-nf-call-iptables" "$LAB_DIR/hairpind.log"'
assert_eq "$(lan1 ask -p 5001 $WAN_ADDR:7000)" "$WAN_ADDR:5001" "loopback after it was set again"
assert_eq "$(srv ask -p 5002 $WAN_ADDR:7000)" "$WAN_ADDR:5002" "the server's own"
hp detach
assert_eq "$(cat $switch)" 1 "the setting after detach"
