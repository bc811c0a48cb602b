#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The demo plays to its end within a minute, every act as told, without colours into a pipe, and leaves nothing behind.
. "$(dirname "$0")/lab.sh"

before=$(ls /run/netns /sys/fs/bpf && ip link && nft list ruleset)
started=$(now_ms)
HAIRPIN_BIN=$LAB_BUILD "$LAB_SRC/../../dist/demo/demo.sh" >"$LAB_DIR/said" || fail "ended with $?: $(cat "$LAB_DIR/said")"
assert_lt $(($(now_ms) - started)) 60000 "milliseconds"

said=$(cat "$LAB_DIR/said")
assert_eq "$(grep -c 'NOT SO' "$LAB_DIR/said" || true)" 0 "claims that were not so"
assert_match "$said" "All $(grep -c '^  as told' "$LAB_DIR/said") came out as told" "last line"
refute grep -q $'\e' "$LAB_DIR/said"

# The fault, step by step, and each place and port of the mending.
assert_match "$said" "at the laptop +RST" "journey on the plain router"
for place in "from outside +the server at home +seen as 198.51.100.10" \
	"from the laptop, same LAN +the server at home +seen as 198.51.100.1" \
	"from the phone, other LAN +the server at home +seen as 198.51.100.1" \
	"from the server itself +the server at home +seen as 198.51.100.1"; do
	grep -qE "as told +$place$" "$LAB_DIR/said" || fail "missing: $place"
done
assert_eq "$(grep -cE 'as told .* 21115/tcp 198\S+  21116/tcp 198\S+  21116/udp 198\S+  21117/tcp 198' "$LAB_DIR/said")" 4 \
	"places that reach RustDesk's ports"
assert_match "$said" "backend +${HAIRPIN_BACKEND:-bpf} " "what carried the packets"
! on_nftables || : >"$LAB_DIR/backend-asked"
assert_match "$said" "rustdesk +192.168.11.20 .* serving" "status"

assert_eq "$(ls /run/netns /sys/fs/bpf && ip link && nft list ruleset)" "$before" "what the demo left"
