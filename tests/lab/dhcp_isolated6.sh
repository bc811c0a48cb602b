#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Hosts of an isolated segment are told of our DNS server over IPv6 by an address that answers them.
. "$(dirname "$0")/lab.sh"

lab_up bridge
auth_serve </dev/null
hairpin_up < <(
	printf 'lan:\n  - interface: %s\n  - { interface: lan2, isolate: yes }\n' $LAN_DEV
	names_conf
	printf 'dhcp:\n  - { interface: lan2, range: 192.168.12.100-192.168.12.199 }\n'
)
wait_for 60 'guest rdisc6 -1 -w 3000 eth0 >"$LAB_DIR/heard" && has "Recursive DNS server" "$LAB_DIR/heard"'
assert_match "$(cat "$LAB_DIR/heard")" "Recursive DNS server +: $GUEST_GW6" "the DNS server"
assert_eq "$(ask_name guest $GUEST_GW6 app.example.com A)" $SRV_ADDR "a name that it asks for"
assert_eq "$(ask_name guest $GUEST_GW6 app.example.com A +tcp)" $SRV_ADDR "the same over TCP"
