#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# `hairpin detach` removes the data plane and restores what was set: daemon_detach.sh BUILD running|stopped
#
# Filters, netfilter tables, sysctls, bridge attributes, pins, devices and mounts are compared with what was there before the first start. A filter
# and a table of somebody else stay.
. "$(dirname "$0")/lab.sh"

snapshot() {
	local dev
	for dev in /sys/class/net/*; do
		dev=${dev##*/}
		tc qdisc show dev "$dev"
		tc filter show dev "$dev" ingress 2>&1
		tc filter show dev "$dev" egress 2>&1
		cat "/sys/class/net/$dev/bridge/nf_call_iptables" 2>/dev/null || true
	done
	nft list ruleset
	sysctl -a --pattern '^net\.(ipv4\.(ip_|icmp|conf)|ipv6\.conf|bridge)' 2>/dev/null |
		grep -v 'stable_secret'
	find /sys/fs/bpf -mindepth 1 ! -name '*.debug'
	ip rule
	cut -d ' ' -f 2 /proc/self/mounts
}

lab_up bridge
bridge_up gw br-other
sysctl -qw net.bridge.bridge-nf-call-iptables=1 net.ipv4.ip_local_reserved_ports=12345
tc qdisc add dev lan2 clsact
tc filter add dev lan2 ingress pref 7 protocol ip bpf bytecode "1,6 0 0 0"
nft -f - <<<'table inet others { chain input { type filter hook input priority 0; counter; }; }'
snapshot >"$LAB_DIR/before.txt"

hairpin_up < <(standard_services)
echo_serve srv 7000
lan1 ask $WAN_ADDR:7000
snapshot >"$LAB_DIR/during.txt"
refute cmp -s "$LAB_DIR/before.txt" "$LAB_DIR/during.txt"
assert_eq "$(sysctl -n net.bridge.bridge-nf-call-iptables)" 0 "bridge-nf-call-iptables while attached"
assert_eq "$(cat /sys/class/net/br-other/bridge/nf_call_iptables)" 1 "its effect on another bridge"
assert_match "$(sysctl -n net.ipv4.ip_local_reserved_ports)" "7000.*12345" "reserved ports"

[ "$1" = running ] || hairpind_stop
hp detach
snapshot | sed 's/packets [0-9]* bytes [0-9]*/packets 0 bytes 0/' >"$LAB_DIR/after.txt"
sed -i 's/packets [0-9]* bytes [0-9]*/packets 0 bytes 0/' "$LAB_DIR/before.txt"
diff -u "$LAB_DIR/before.txt" "$LAB_DIR/after.txt"
refute lan1 ask -w 300 $WAN_ADDR:7000
[ "$1" = stopped ] || finished hairpind
