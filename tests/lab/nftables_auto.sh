#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Where eBPF cannot be had, nat.backend: auto takes nftables, status says why and what is not available, and a new start stays with it.
. "$(dirname "$0")/lab.sh"

lab_up bridge
standard_services | gw_conf
echo_serve srv 7000
# As in a container that may do everything with its network and nothing else.
cat >"$LAB_DIR/hairpind" <<-END
	#!/bin/sh
	exec setpriv --bounding-set=-bpf,-sys_admin,-perfmon "$HAIRPIND" "\$@"
END
chmod +x "$LAB_DIR/hairpind"
PLAIN=$HAIRPIND HAIRPIND=$LAB_DIR/hairpind

hairpind_start
assert_eq "$(hp_json status -- .backend.name)" nftables "what auto takes"
hp_json status -- .backend.why | has "eBPF cannot be had here"
hp_json status -- '.backend.unavailable[]' | has "endpoint-independent mapping"
hp status | has "not with it"
assert_eq "$(inet ask -p 5000 $WAN_ADDR:7000)" "$INET_ADDR:5000" "a forward"
assert_eq "$(lan1 ask -p 5001 $WAN_ADDR:7000)" "$WAN_ADDR:5001" "loopback"

# With eBPF to be had again a restart still ends nobody's connections; only detach lets it choose anew.
hairpind_stop
HAIRPIND=$PLAIN
hairpind_start
assert_eq "$(hp_json status -- .backend.name)" nftables "what a restart finds"
assert_eq "$(hp_json status -- .backend.adopted)" true "taken over"
hairpind_stop
hp detach
refute nft list table inet hairpin
hairpind_start
assert_eq "$(hp_json status -- .backend.name)" bpf "what is chosen anew"
