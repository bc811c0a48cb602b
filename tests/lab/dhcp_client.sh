#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# dhcp_client.sh on|off dhclient|udhcpc
#
# A DHCP client gets an address and one DNS server, ours. By its answers a service is reached by name past the NAT (on); with `rewrite: off`
# the name leads to the public address, which is what the server sees then (off).
. "$(dirname "$0")/lab.sh"

lab_up bridge
auth_serve </dev/null
if [ "$1" = off ]; then
	hairpin_up < <(leases_conf | sed 's/ports: \[80\/tcp\]/&\n    rewrite: off/')
else
	hairpin_up < <(leases_conf)
fi
http_serve srv 80

case $2 in
dhclient) client_start lan1 ;;
udhcpc) client_start_busybox lan1 ;;
esac
client_bound lan1
address=$(told_to lan1 ip_address)
case $address in
192.168.11.1[0-9][0-9]) ;;
*) fail "leased $address, which is not of the range" ;;
esac
assert_eq "$(told_to lan1 domain_name_servers)" $LAN_GW "its DNS servers"
assert_eq "$(told_to lan1 routers)" $LAN_GW "its gateways"
assert_eq "$(told_to lan1 domain_name)" home.arpa "its domain"

told_to lan1 domain_name_servers | tr ' ' '\n' | sed 's/^/nameserver /' >/etc/resolv.conf
sent=$(packets sent-hairpin)
if [ "$1" = off ]; then
	assert_eq "$(http_get lan1 http://app.example.com/ --local-port 40001)" "$WAN_ADDR:40001" "whom the server sees"
	assert_ge $(($(packets sent-hairpin) - sent)) 1 "packets through the NAT"
else
	assert_eq "$(http_get lan1 http://app.example.com/ --local-port 40001)" "$address:40001" "whom the server sees"
	assert_counted sent-hairpin "$sent" 0
fi
