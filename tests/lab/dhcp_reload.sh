#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A reload that changes the range takes nobody's lease: who has one keeps his address, and others get what is left of the new range.
. "$(dirname "$0")/lab.sh"

lab_up bridge
auth_serve </dev/null
hairpin_up < <(leases_conf "lease: 2m")
client_start lan1
client_bound lan1
address=$(told_to lan1 ip_address)
before=$(dhcpd_pid)

# That address and one more.
last=${address##*.}
LEASE_FIRST=192.168.11.$last
LEASE_LAST=192.168.11.$((last + 1))
gw_conf < <(leases_conf "lease: 2m")
assert_match "$(hp_json reload -- .message)" "what hosts are told by DHCP changed" "what reload says"
assert_ne "$(dhcpd_pid)" "$before" "the process, which has to know"
assert_eq "$(hp_json show leases -- '[.leases[].address] | join(" ")')" "$address" "leases behind the reload"
client_start srv
client_bound srv
assert_eq "$(told_to srv ip_address)" $LEASE_LAST "the address that is left"

# Started anew, the client asks for the address that it knows, and has it again.
stop client-lan1 || true
client_start lan1
client_bound lan1
assert_eq "$(told_to lan1 ip_address)" "$address" "its address after the reload"
refute has -q DHCPNAK "$LAB_DIR/client-lan1.log"
