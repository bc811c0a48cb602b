#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A reserved host gets its address, and its name is its own whoever else claims it.
. "$(dirname "$0")/lab.sh"

lab_up bridge
auth_serve </dev/null
hairpin_up < <(leases_conf "reservations:" "  - { mac: \"$(mac_of srv)\", address: 192.168.11.77, name: nas }")

assert_eq "$(ask_name guest $GUEST_GW nas.home.arpa A)" 192.168.11.77 "its name, before it is there"
assert_eq "$(ask_name guest $GUEST_GW 77.11.168.192.in-addr.arpa PTR)" nas.home.arpa. "its address's name"
client_start srv
client_bound srv
assert_eq "$(told_to srv ip_address)" 192.168.11.77 "the address that it gets"
assert_eq "$(told_to srv host_name)" nas "the name that it is told"

dhclient_conf lan1 'send host-name "nas"'
client_start lan1 -cf "$LAB_DIR/lan1.conf"
client_bound lan1
wait_for 10 '[ "$(hp_json show leases -- ".leases | length")" = 2 ]'
assert_eq "$(hp_json show leases -- '.leases[] | select(.reserved) | .address')" 192.168.11.77 "who has a reservation"
assert_eq "$(ask_name guest $GUEST_GW nas.home.arpa A)" 192.168.11.77 "its name, claimed by another"
