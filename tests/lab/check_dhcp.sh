#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# `check` says what a DNS server costs that hosts are told of beside ours, and that they are told of none.
. "$(dirname "$0")/lab.sh"

lab_up bridge
said() { # LEVEL
	{ "$HAIRPIN" -j check || true; } | jq -r --arg level "$1" '.findings[] | select(.kind == "dhcp" and .level == $level) | .text'
}

gw_conf < <(leases_conf)
assert_eq "$(said finding)" "" "findings of the usual configuration"

gw_conf < <(leases_conf "dns: [9.9.9.9, 192.168.11.5, \"2620:fe::fe\"]")
assert_eq "$(said finding | sed 's/: they take.*//')" "$(printf 'dhcp br-lan: hosts are told to ask %s too\n' 9.9.9.9 2620:fe::fe)" "findings"
has "so by chance some names of services lead to the public address" <(said finding)
assert_match "$(said note)" "told to ask 192.168.11.5 too" "the note about one inside"

gw_conf < <(leases_conf | sed '/^dns:/,/^  upstream/d')
assert_eq "$(said finding)" "dhcp br-lan: hosts are told of no DNS server" "without a server"
