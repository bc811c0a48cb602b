#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What a client calls itself is its name at once, unless that name is somebody's, means something else to everybody, or is none.
. "$(dirname "$0")/lab.sh"

lab_up bridge
auth_serve </dev/null
hairpin_up < <(leases_conf "domain: example.com" "lease: 2m")

# claim NAME: lan1 takes a lease under that name.
claim() {
	[ -z "${claimed:-}" ] || stop client-lan1 || true
	claimed=yes
	dhclient_conf lan1 "send host-name \"$1\""
	rm -f "$LAB_DIR/client-lan1.leases"
	client_start lan1 -cf "$LAB_DIR/lan1.conf"
	client_bound lan1
}

claim Laptop
address=$(told_to lan1 ip_address)
wait_for 5 '[ "$(ask_name guest $GUEST_GW laptop.example.com A)" = "$address" ]'
wait_for 5 '[ "$(ask_name guest $GUEST_GW "${address##*.}.11.168.192.in-addr.arpa" PTR)" = laptop.example.com. ]'
assert_eq "$(hp_json show leases -- '.leases[0] | .name + "." + .domain + " " + .interface')" "laptop.example.com br-lan" "the lease"
hp show leases | has "laptop.example.com"

for name in app wpad localhost isatap gateway 'a b' 'evil\n1 02:00:00:00:00:09 192.168.11.9 owned *' 'x,192.168.11.1' '-x' app.example.com; do
	claim "$name"
	# The old name goes with the lease that had it: what is asked now is behind the change.
	wait_for 5 '[ "$(ask_name guest $GUEST_GW laptop.example.com A)" = NXDOMAIN ]'
	assert_eq "$(ask_name guest $GUEST_GW app.example.com A)" $SRV_ADDR "a service's name while a client calls itself $name"
	for other in wpad localhost isatap a evil owned; do
		answer=$(ask_name guest $GUEST_GW $other.example.com A)
		assert_ne "$answer" "$(told_to lan1 ip_address)" "$other.example.com while a client calls itself $name"
		assert_ne "$answer" 192.168.11.9 "$other.example.com while a client calls itself $name"
	done
	assert_eq "$(ask_name guest $GUEST_GW gateway.example.com A)" $LAN_GW "our own name while a client calls itself $name"
	assert_eq "$(hp_json show leases -- '.leases | length')" 1 "leases while a client calls itself $name"
done
