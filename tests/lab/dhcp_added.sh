#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A reservation that is added by command is in force at once, and over a restart; one that is removed is not.
. "$(dirname "$0")/lab.sh"

lab_up bridge
auth_serve </dev/null
hairpin_up < <(leases_conf)
hp reservation add "$(mac_of srv)" 192.168.11.77 nas
assert_eq "$(ask_name guest $GUEST_GW nas.home.arpa A)" 192.168.11.77 "its name"
hairpind_stop
hairpind_start
client_start srv
client_bound srv
assert_eq "$(told_to srv ip_address)" 192.168.11.77 "the address that it gets"

hp reservation remove "$(mac_of srv)"
stop client-srv || true
rm "$LAB_DIR/client-srv.leases"
client_start lan1
client_bound lan1
assert_ne "$(told_to lan1 ip_address)" 192.168.11.77 "another's address"
wait_for 5 '[ "$(hp_json show leases -- "[.leases[] | select(.reserved)] | length")" = 0 ]'
