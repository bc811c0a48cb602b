#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A data plane of a layout older than any that can be taken over: refused, with what to do, and left as it is. With nftables, which takes nothing over
# from it, it goes as one of any layout.
. "$(dirname "$0")/lab.sh"

old=/sys/fs/bpf/hairpin/v1

lab_up bridge
mkdir -p $old
bpftool map create $old/hp_active type array key 4 value 4 entries 1 name hp_active
gw_conf < <(standard_services)
if on_nftables; then
	hairpind_start
	grep "the bpf backend was in place; it is taken away" "$LAB_DIR/hairpind.log"
	[ ! -e $old ] || fail "$old is left"
	http_serve srv 443 80
	assert_match "$(http_get lan1 http://$WAN_ADDR:8443/)" "^$WAN_ADDR:" "loopback beside nothing of before"
	exit
fi
assert_eq "$(exit_status gw timeout 20 "$HAIRPIND" -f $CONF 2>"$LAB_DIR/refusal.txt")" 1 "hairpind beside layout v1"
grep 'layout v1 is in force' "$LAB_DIR/refusal.txt"
grep 'hairpin detach' "$LAB_DIR/refusal.txt"
assert_eq "$(ls /sys/fs/bpf/hairpin)" v1 "the pins"
assert_eq "$(in_ns gw nft list tables)" "" "tables of netfilter"

# The advice works.
in_ns gw "$HAIRPIN" detach
[ ! -e $old ] || fail "detach left $old"
hairpind_start
http_serve srv 443 80
assert_match "$(http_get lan1 http://$WAN_ADDR:8443/)" "^$WAN_ADDR:" "loopback after the detach"
