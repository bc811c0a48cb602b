#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Hosts of an isolated segment get leases and names from us, two segments from one server; nobody on WAN does.
. "$(dirname "$0")/lab.sh"

lab_up bridge
auth_serve </dev/null
hairpin_up < <(
	printf 'lan:\n  - interface: %s\n  - { interface: lan2, isolate: yes }\n' $LAN_DEV
	leases_conf
	printf '  - { interface: lan2, range: 192.168.12.100-192.168.12.199, domain: guests.example }\n'
)
client_start guest
client_bound guest
assert_match "$(told_to guest ip_address)" '^192\.168\.12\.1[0-9][0-9]$' "its address"
assert_eq "$(told_to guest domain_name_servers)" $GUEST_GW "its DNS servers"
assert_eq "$(told_to guest domain_name)" guests.example "its domain"
assert_eq "$(ask_name guest $GUEST_GW app.example.com A)" $SRV_ADDR "a name that it asks for"
client_start lan1
client_bound lan1
assert_eq "$(told_to lan1 domain_name_servers)" $LAN_GW "the other segment's DNS servers"

# From WAN: a client that would take anybody's offer.
client_start inet -1
wait_for 30 'has "DHCPDISCOVER on eth0 to 255.255.255.255" "$LAB_DIR/client-inet.log"'
wait_for 10 '[ "$(grep -c DHCPDISCOVER "$LAB_DIR/client-inet.log")" -ge 2 ]'
refute has DHCPOFFER "$LAB_DIR/client-inet.log"
