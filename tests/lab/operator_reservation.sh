#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Reservations by command: kept, merged with those of the file, which count more; and one that cannot be right keeps nothing from starting.
. "$(dirname "$0")/lab.sh"

lab_up bridge
hairpin_up < <(leases_conf "reservations:" '  - { mac: "52:54:00:00:00:01", address: 192.168.11.50, name: printer }')
listed() {
	hp_json reservation list -- '[.reservations[] | "\(.mac) \(.address) \(.name) \(.in_force)"] | join(", ")'
}
refused() { # WORDS TEXT
	# shellcheck disable=SC2086
	assert_eq "$(exit_status hp reservation $1 2>"$LAB_DIR/refused.txt")" 1 "reservation $1"
	grep -qF "$2" "$LAB_DIR/refused.txt" || fail "reservation $1: $(cat "$LAB_DIR/refused.txt")"
}

hp reservation add 52:54:00:00:00:02 192.168.11.60 nas
assert_eq "$(listed)" "52:54:00:00:00:02 192.168.11.60 nas true" "the list"
refused "add 52:54:00:00:00:03 192.168.11.1" "the gateway's own address"
refused "add 52:54:00:00:00:03 printer" "reservation: address: printer: "
refused "remove 52:54:00:00:00:03" "was not added by command"

# The file has that machine.
hp reservation add 52:54:00:00:00:01 192.168.11.61 >"$LAB_DIR/answer.txt"
grep -q "52:54:00:00:00:01: its machine has a reservation in .* on line [0-9]*, and that counts" "$LAB_DIR/answer.txt"
hp status >"$LAB_DIR/status.txt"
grep -q "its machine has a reservation" "$LAB_DIR/status.txt"
hp reservation remove 52:54:00:00:00:01

hairpind_stop
hairpind_start
assert_eq "$(listed)" "52:54:00:00:00:02 192.168.11.60 nas true" "the list after a restart"

# What could be reserved then and is the gateway's now: the configuration comes into force without it, and it is told.
sed -i 's/192.168.11.60/192.168.11.1/' /var/lib/hairpin/operator.json
hairpind_stop
hairpind_start
assert_eq "$(listed)" "52:54:00:00:00:02 192.168.11.1 nas false" "the list with one that is impossible"
hp status >"$LAB_DIR/status.txt"
grep -q "the gateway's own address" "$LAB_DIR/status.txt"
hp reservation remove 52:54:00:00:00:02
assert_eq "$(listed)" "" "the list at the end"

# A real host gets what was reserved for it.
hp reservation add "$(mac_of srv)" 192.168.11.77 nas
client_start srv
client_bound srv
assert_eq "$(told_to srv ip_address)" 192.168.11.77 "the address that it gets"
assert_eq "$(ask_name guest $GUEST_GW nas.home.arpa A)" 192.168.11.77 "its name"
