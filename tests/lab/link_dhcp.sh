#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# With the default configuration the gateway's own DHCP client on WAN gets a lease and renews it, first from the server that it
# knows and then, when that has gone, by broadcast.
. "$(dirname "$0")/lab.sh"

lab_up bridge
hairpin_up </dev/null
dhcp_server() {
	spawn "$1" inet dnsmasq -k -C /dev/null -p 0 --log-facility=- --user=root --pid-file= --interface=eth0 \
		--dhcp-range=198.51.100.50,198.51.100.60,2m --dhcp-leasefile="$LAB_DIR/server.leases" --log-dhcp \
		--dhcp-option=option:T1,4 --dhcp-option=option:T2,8 --dhcp-authoritative "${@:2}"
	wait_for 10 'listens inet udp 67'
}
acked() { # LOG TIMES
	[ "$(grep -c 'DHCPACK(eth0)' "$LAB_DIR/$1.log")" -ge "$2" ]
}

dhcp_server first
spawn client gw dhclient -4 -d -v -sf /bin/true -lf "$LAB_DIR/client.leases" -pf "$LAB_DIR/client.pid" wan
wait_for 20 'acked first 1'
wait_for 30 'acked first 2'
grep -q "DHCPREQUEST for 198.51.100.5[0-9] on wan to $INET_ADDR port 67" "$LAB_DIR/client.log"
stop first || true
wait_for 30 'grep -q "DHCPREQUEST.*to 255.255.255.255" <(tac "$LAB_DIR/client.log" | sed "/DHCPACK/q")'
dhcp_server second
wait_for 30 'acked second 1'
assert_ge "$(packets pass-link)" 4 "packets that the link lives on"
