#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Router advertisements: hosts of a segment make themselves addresses, take our route, and are told of our DNS server by an address that answers.
. "$(dirname "$0")/lab.sh"

lab_up bridge
auth_serve </dev/null
ip addr add fd00:11::1/64 dev br-lan nodad
hairpin_up < <(leases_conf)
wait_for 10 '[ "$(dhcpd_pid)" != 0 ]'

# What a host on the link reads.
lan1 rdisc6 -1 -w 5000 eth0 >"$LAB_DIR/heard" || true
wait_for 60 'lan1 rdisc6 -1 -w 3000 eth0 >"$LAB_DIR/heard" && has "Recursive DNS server" "$LAB_DIR/heard"'
assert_match "$(cat "$LAB_DIR/heard")" 'Recursive DNS server +: fd00:11::1' "the DNS server"
assert_eq "$(grep -c 'Recursive DNS server *:' "$LAB_DIR/heard")" 1 "DNS servers that are told"
assert_match "$(cat "$LAB_DIR/heard")" 'DNS search list +: home.arpa' "the domain"
assert_match "$(cat "$LAB_DIR/heard")" 'Stateful other conf\. +: +Yes' "DHCPv6 for the rest"
assert_match "$(cat "$LAB_DIR/heard")" 'Stateful address conf\. +: +No' "addresses by DHCPv6"
for prefix in 2001:db8:11::/64 fd00:11::/64; do
	assert_match "$(cat "$LAB_DIR/heard")" "Prefix +: $prefix" "prefixes"
done

# And what the kernel makes of it.
lan1 sysctl -qw net.ipv6.conf.eth0.accept_ra=2 net.ipv6.conf.eth0.router_solicitations=3
ip -n lan1 link set eth0 down
ip -n lan1 link set eth0 up
wait_for 60 'ip -n lan1 -6 addr show dev eth0 | grep -q "inet6 fd00:11::.*dynamic"'
wait_for 60 'ip -n lan1 -6 route show default | grep -q "proto ra"'

assert_eq "$(ask_name lan1 fd00:11::1 app.example.com A)" $SRV_ADDR "a service's name over IPv6"
assert_eq "$(ask_name lan1 fd00:11::1 app.example.com A +tcp)" $SRV_ADDR "the same over TCP"
refute inet dig @fd00:11::1 +tries=1 +time=2 app.example.com A
refute inet dig @$LAN_GW6 +tries=1 +time=2 app.example.com A
