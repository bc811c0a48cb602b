#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A build without libnftables keeps its guard by the program nft. On a machine without that it does not start: it says what is missing, and nothing of it
# is in the kernel. With the program it starts, and the guard is there.
. "$(dirname "$0")/lab.sh"

lab_up bridge
gw_conf < <(standard_services)
"$HAIRPIND" -V | has -- -nftables

# Whoever asks for nft finds what is no program.
: >"$LAB_DIR/nothing"
nft=$(realpath "$(command -v nft)")
mount --bind "$LAB_DIR/nothing" "$nft"
hairpind_run
finished hairpind && fail "it has started without a guard"
has "the program nft is not there" <"$LAB_DIR/hairpind.log"
gw tc filter show dev "$WAN_DEV" ingress | wc -l | has '^0$'
umount "$nft"

hairpind_start
gw nft list table inet hairpin | has 'type filter hook forward'
echo_serve srv 7000
assert_match "$(lan1 ask $WAN_ADDR:7000)" "^$WAN_ADDR:" "the loopback"
