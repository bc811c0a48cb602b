#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# kill -9 at any moment of the first start: the next start comes up, and detach restores what was there before the first one.
. "$(dirname "$0")/lab.sh"

settings() {
	sysctl -a --pattern '^net\.(ipv4\.(ip_forward|ip_local_reserved|conf)|ipv6\.conf\..*\.(forwarding|accept_ra)|bridge)' 2>/dev/null
	tc qdisc show
	nft list ruleset
}

lab_up bridge
settings >"$LAB_DIR/before.txt"
gw_conf < <(standard_services)
echo_serve srv 7000
for ms in 2 5 10 15 20 25 30 40 50 60 80 100 130 160 200 300; do
	# A start that was quick enough to be whole is killed all the same.
	hairpind_run
	timeout "0.$(printf %03d "$ms")" tail -f /dev/null || true
	hairpind_kill
	hairpind_start
	inet ask $WAN_ADDR:7000 >/dev/null
	lan1 ask $WAN_ADDR:7000 >/dev/null
	hp detach >/dev/null
	finished hairpind
	settings | diff -u "$LAB_DIR/before.txt" - || fail "detach after a start that was killed at $ms ms"
done
