#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The demo's act of the bypass router plays to its end, every claim as told, and leaves nothing behind.
. "$(dirname "$0")/lab.sh"

before=$(ls /run/netns /sys/fs/bpf && ip link && nft list ruleset)
HAIRPIN_BIN=$LAB_BUILD "$LAB_SRC/../../dist/demo/demo.sh" bypass >"$LAB_DIR/said" || fail "ended with $?: $(cat "$LAB_DIR/said")"

said=$(cat "$LAB_DIR/said")
assert_eq "$(grep -c 'NOT SO' "$LAB_DIR/said" || true)" 0 "claims that were not so"
assert_match "$said" "All $(grep -c '^  as told' "$LAB_DIR/said") came out as told" "last line"
assert_match "$said" "once it is the side router, the same times out" "the fault"
assert_match "$said" "the path is asymmetric" "why"
assert_match "$said" "note +proved: .* forwards tcp port 80 \(service web\) directly to 192.168.11.20" "the diagnosis"

# Who is seen: in the two acts in which the server answers by us, and in the one in which it does not.
assert_eq "$(grep -cE 'as told +from outside +the server at home +seen as 198.51.100.10$' "$LAB_DIR/said")" 2 "outside, with the client's own address"
assert_eq "$(grep -cE 'as told +from outside +the server at home +seen as 192.168.11.3$' "$LAB_DIR/said")" 1 "outside, with ours"
assert_eq "$(grep -cE 'as told +from the (laptop, same LAN|server itself) +the server at home +seen as 198.51.100.1$' "$LAB_DIR/said")" 4 "inside by the public address"
assert_match "$said" "web +192.168.11.3: its default gateway is another machine" "status"
assert_match "$said" "80 +tcp +192.168.11.3 +80 " "what to enter in the main router"
assert_match "$said" "backend +${HAIRPIN_BACKEND:-bpf} " "what carried the packets"
! on_nftables || : >"$LAB_DIR/backend-asked"

assert_eq "$(ls /run/netns /sys/fs/bpf && ip link && nft list ruleset)" "$before" "what the demo left"
assert_eq "$(exit_status "$LAB_SRC/../../dist/demo/demo.sh" nonsense)" 2 "an act that does not exist"
