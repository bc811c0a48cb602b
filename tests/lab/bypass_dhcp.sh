#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Leases on one arm: hosts are told that we are their gateway and their DNS server, and reach the internet and the public address of the main router by us.
. "$(dirname "$0")/lab.sh"
. "$LAB_SRC/lib/bypass.sh"

bypass_up
auth_serve </dev/null
hairpin_up < <(
	echo "wan: { interface: eth0, public-address: $MAIN_ADDR, stun: off, map-upstream: off }"
	leases_conf
)
http_serve srv 80
http_serve inet 81

client_start lan1
client_bound lan1
assert_match "$(told_to lan1 ip_address)" "^192\.168\.11\.1[0-9][0-9]$" "what it leased"
assert_eq "$(told_to lan1 routers)" $SIDE_ADDR "its gateway"
assert_eq "$(told_to lan1 domain_name_servers)" $SIDE_ADDR "its DNS server"
assert_eq "$(ask_name lan1 $SIDE_ADDR app.example.com A)" "$SRV_ADDR" "a service's name"
assert_match "$(http_get lan1 http://$MAIN_ADDR/)" "." "the service by the public address"
assert_match "$(http_get lan1 http://$INET_ADDR:81/)" "^$MAIN_ADDR:" "the internet"
