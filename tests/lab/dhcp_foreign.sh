#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Another DHCP server in a segment that gets leases from us is noticed and named, by the daemon and by `hairpin check`. Our own is none.
. "$(dirname "$0")/lab.sh"

lab_up bridge
auth_serve </dev/null
gw_conf < <(leases_conf)
refute has "another DHCP server" <(hp check || true)
spawn foreign srv dnsmasq -k -C /dev/null -p 0 --log-facility=- --user=root --pid-file= --interface=eth0 --log-dhcp --no-ping \
	--dhcp-range=192.168.11.50,192.168.11.60,2m --dhcp-leasefile="$LAB_DIR/foreign.leases" --dhcp-option=option:dns-server,9.9.9.9
wait_for 10 'listens srv udp 67'
who="$SRV_ADDR ($(mac_of srv)), which hands out $SRV_ADDR as gateway and 9.9.9.9 as DNS server"
has -F "dhcp br-lan: another DHCP server answers there: $who" <(hp check || true)
assert_eq "$(exit_status hp check)" 1 "what check exits with"

hairpind_start
wait_for 10 '[ "$(hp_json status -- ".dhcp.foreign | length")" = 1 ]'
assert_eq "$(hp_json status -- '.dhcp.foreign[0] | .interface + " " + .server + " " + .mac + " " + .dns[0]')" \
	"br-lan $SRV_ADDR $(mac_of srv) 9.9.9.9" "who it is"
has -F "dhcp br-lan: another DHCP server answers there: $who" "$LAB_DIR/hairpind.log"
hp status | has -F "$who"
# It was asked and not taken at its word: nothing was ever requested.
refute has DHCPREQUEST "$LAB_DIR/foreign.log"
