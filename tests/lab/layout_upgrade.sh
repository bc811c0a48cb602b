#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# An upgrade across a changed layout during downloads, and back: layout_upgrade.sh BUILD
#
# The other build has every member of a session in another place, and more of them. Connections from outside, through loopback and outgoing
# end whole; mappings keep their external ports; nothing of the layout before stays.
#
# With nftables sessions are the kernel's. What is taken over is a table of another version: chains and sets that ours has otherwise, or not at all.
. "$(dirname "$0")/lab.sh"

LAYOUT=$(sed -n 's/^#define HP_LAYOUT_VERSION \([0-9]*\)$/\1/p' "$LAB_SRC/../../include/hairpin/dataplane.h")
OTHER=$LAB_BUILD/tests/lab/hairpind-layout

# older_table: what a daemon of another version might have left. Its chain is asked at another moment, one of its sets has other elements, and it has a
# map to a chain that ours does not know.
older_table() {
	{
		echo "flush table inet hairpin; delete set inet hairpin syn_young; delete chain inet hairpin forward"
		nft -s list table inet hairpin | sed '/chain forward {/,/}/ s/priority [^;]*/priority -20/
			/set syn_young {/,/}/ { s/type .*/type ipv4_addr/; /size\|flags\|timeout\|elements/d; }
			/syn_young/ { /set /!d; }
			$ d'
		printf '\tchain older { drop; }\n\tmap older { type ipv4_addr : verdict; elements = { 192.0.2.1 : jump older }; }\n'
		printf '\tchain older_asked { type filter hook forward priority 1; ip saddr vmap @older; }\n}\n'
	} >"$LAB_DIR/older.nft"
	nft -f "$LAB_DIR/older.nft"
}
table_handle() {
	nft -j list tables | jq -e '.nftables[].table | select(.name == "hairpin") | .handle'
}
# In one transaction (src/dataplane/netfilter/table.c), and the table itself stays, as connections have their times by it.
table_upgrade() {
	local before
	hairpind_stop
	older_table
	nft list table inet hairpin | has older
	before=$(table_handle)
	hairpind_start
	assert_eq "$(hp_json status -- .backend.adopted)" true "adopted"
	assert_eq "$(table_handle)" "$before" "the table"
	nft list table inet hairpin >"$LAB_DIR/table.txt"
	refute grep older "$LAB_DIR/table.txt"
	refute grep "priority -20\|filter - 20" "$LAB_DIR/table.txt"
}

# upgrade_to HAIRPIND LAYOUT: stops the daemon, starts that one, which takes over.
upgrade_to() {
	hairpind_stop
	HAIRPIND=$1 hairpind_start
	assert_eq "$(hp_json status -- .backend.layout)" "$2" "the layout in force"
	assert_eq "$(hp_json status -- .backend.adopted)" true "adopted"
	assert_eq "$(ls /sys/fs/bpf/hairpin)" "v$2" "the pins"
	# Three downloads, and the two mappings of the asking.
	assert_ge "$(sed -n 's/.* \([0-9]*\) connections taken over$/\1/p' "$LAB_DIR/hairpind.log" | tail -n 1)" 5 "connections that the log says were taken over"
}

lab_up bridge
hairpin_up < <(standard_services)
http_serve srv 443 80
http_files srv 6000000
http_serve inet 80
http_files inet 6000000
download forward inet http://$WAN_ADDR:8443/slow
download loopback lan1 http://$WAN_ADDR/slow
download outgoing guest http://$INET_ADDR/slow
grows forward
grows loopback
grows outgoing

# A mapping whose port could not be kept: the next packet of that host must leave from the same port still.
echo_serve inet 7000
ask_from() { # NS
	in_ns "$1" ask -p 41000 $INET_ADDR:7000
}
first=$(ask_from lan1)
second=$(ask_from guest)
[ "$first" != "$second" ] || fail "two hosts share $first"

on_nftables || upgrade_to "$OTHER" 99
! on_nftables || table_upgrade
assert_eq "$(ask_from guest)" "$second" "the mapping of the second host after the upgrade"
# Five minutes also for what began before, not the kernel's own time.
assert_ge "$(hp_json show sessions -- "[.sessions[] | select(.original.source == \"$GUEST_ADDR\" and .original.source_port == 41000) |
	.expires_s] | max")" 290 "seconds that the session of before lives after a packet"
grows forward
grows loopback
grows outgoing
assert_match "$(http_get guest http://$WAN_ADDR:8443/)" "^$WAN_ADDR:" "a new loopback"

on_nftables || upgrade_to "$HAIRPIND" "$LAYOUT"
assert_eq "$(ask_from lan1)" "$first" "the mapping of the first host after the way back"
downloaded forward srv
downloaded loopback srv
downloaded outgoing inet
assert_eq "$(packets drop-no-session)" 0 "segments without a session"
