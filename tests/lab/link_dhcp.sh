#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# With the default configuration the gateway's own DHCP client on WAN gets a lease and renews it, first from the server that it
# knows and then, when that has gone, by broadcast.
. "$(dirname "$0")/lab.sh"

lab_up bridge
ip -4 addr flush dev wan
hairpin_up < <(standard_services)
echo_serve srv 7000
cat >"$LAB_DIR/configure" <<'END'
#!/bin/sh
case $reason in
BOUND | RENEW | REBIND | REBOOT)
	ip addr replace "$new_ip_address/24" dev "$interface"
	ip route replace default via "$new_routers" dev "$interface"
	;;
EXPIRE | FAIL)
	ip -4 addr flush dev "$interface"
	;;
esac
END
chmod +x "$LAB_DIR/configure"
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
spawn client gw dhclient -4 -d -v -sf "$LAB_DIR/configure" -lf "$LAB_DIR/client.leases" -pf "$LAB_DIR/client.pid" wan
wait_for 20 'grep -q "^bound to" "$LAB_DIR/client.log"'
leased=$(sed -n 's/^bound to \([0-9.]*\).*/\1/p' "$LAB_DIR/client.log" | head -n 1)
wait_for 5 "inet ask -w 200 $leased:7000"
wait_for 30 'acked first 2'
grep -q "DHCPREQUEST for 198.51.100.[56][0-9] on wan to $INET_ADDR port 67" "$LAB_DIR/client.log"
stop first || true
wait_for 30 'grep -q "DHCPREQUEST.*to 255.255.255.255" <(tac "$LAB_DIR/client.log" | sed "/DHCPACK/q")'
dhcp_server second
wait_for 30 'acked second 1'
inet ask $leased:7000
# Answers to what we asked a server directly are to nftables what any other answer is.
assert_ge "$(packets pass-link)" "$(on_nftables && echo 2 || echo 4)" "packets that the link lives on"
