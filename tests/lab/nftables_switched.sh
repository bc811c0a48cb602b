#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# From one backend to the other and back: nothing of the one before is left, and a reload does not change it.
. "$(dirname "$0")/lab.sh"

conf() {
	{
		standard_services
		printf 'nat:\n  backend: %s\n  limits: { sessions: 16384 }\n' "$1"
	} | gw_conf
}

lab_up bridge
echo_serve srv 7000
for backend in bpf nftables bpf; do
	conf $backend
	hairpind_start
	assert_eq "$(hp_json status -- .backend.name)" $backend "backend"
	assert_eq "$(inet ask -p 5000 $WAN_ADDR:7000)" "$INET_ADDR:5000" "a forward with $backend"
	assert_eq "$(lan1 ask -p 5001 $WAN_ADDR:7000)" "$WAN_ADDR:5001" "loopback with $backend"
	if [ $backend = nftables ]; then
		assert_eq "$(tc filter show dev wan ingress | grep -c hp_ || true)" 0 "programs"
		[ -z "$(find $PINS -type f 2>/dev/null || true)" ]
		other=bpf
	else
		refute nft list chain inet hairpin from_wan
		other=nftables
	fi
	conf $other
	assert_ge "$(exit_status hp reload 2>"$LAB_DIR/refusal.txt")" 1 "a reload to $other"
	grep 'nat.backend: only a new start' "$LAB_DIR/refusal.txt"
	hairpind_stop
done
