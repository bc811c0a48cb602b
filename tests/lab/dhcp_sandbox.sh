#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# dnsmasq runs as its own user with three capabilities, cannot gain more, and reads nothing of the machine's configuration.
. "$(dirname "$0")/lab.sh"

lab_up bridge
auth_serve </dev/null
# What it must not read would show: a server that is no use, and an address that is not leased.
printf 'dhcp-option=option:dns-server,9.9.9.9\nport=5353\n' >/etc/dnsmasq.conf
mkdir -p /etc/dnsmasq.d
cp /etc/dnsmasq.conf /etc/dnsmasq.d/other.conf
hairpin_up < <(leases_conf)
pid=$(dhcpd_pid)

wait_for 10 '[ "$(cat "/proc/$pid/comm")" = dnsmasq ] && listens gw udp 67'
# NET_BIND_SERVICE, NET_ADMIN, NET_RAW
assert_confined "$pid" hairpin-dhcp 0000000000003400
assert_eq "$(stat -c '%U %a' /var/lib/hairpin/dhcp.leases)" "root 660" "the file of leases"
client_start lan1
client_bound lan1
assert_eq "$(told_to lan1 domain_name_servers)" $LAN_GW "its DNS servers"
refute listens gw udp 5353
