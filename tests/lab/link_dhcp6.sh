#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# With the default configuration the gateway's own DHCPv6 client on WAN gets an address, and confirms it when it is started again.
. "$(dirname "$0")/lab.sh"

lab_up bridge
hairpin_up </dev/null
spawn server inet dnsmasq -k -C /dev/null -p 0 --log-facility=- --user=root --pid-file= --interface=eth0 \
	--dhcp-range=2001:db8:100::1000,2001:db8:100::1fff,2m --dhcp-leasefile="$LAB_DIR/server.leases" --log-dhcp
wait_for 10 'listens inet udp 547'
client() {
	spawn "$1" gw dhclient -6 -1 -d -v -sf /bin/true -lf "$LAB_DIR/client.leases" -pf "$LAB_DIR/client.pid" wan
	wait_for 20 "grep -q 'RCV: Reply message on wan' '$LAB_DIR/$1.log'"
	wait_for 10 "grep -q 'iaaddr 2001:db8:100::1' '$LAB_DIR/client.leases'"
	stop "$1" || true
}
client first
client again
grep -qE 'XMT: (Confirm|Rebind) on wan' "$LAB_DIR/again.log"
