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

status() { # FIELD
	awk -v field="$1:" '$1 == field { $1 = ""; print substr($0, 2) }' "/proc/$pid/status"
}

wait_for 10 '[ "$(cat "/proc/$pid/comm")" = dnsmasq ] && listens gw udp 67'
uid=$(id -u hairpin-dhcp 2>/dev/null || id -u nobody)
assert_eq "$(status Uid)" "$uid $uid $uid $uid" "its user"
assert_eq "$(status Groups)" "" "its groups"
for set in CapInh CapPrm CapEff CapAmb; do
	assert_eq "$(status $set)" 0000000000003400 "$set: NET_BIND_SERVICE, NET_ADMIN, NET_RAW"
done
assert_eq "$(status NoNewPrivs)" 1 "no new privileges"
assert_eq "$(status Seccomp)" 2 "its system calls are filtered"
assert_eq "$(stat -c '%U %a' /var/lib/hairpin/dhcp.leases)" "root 660" "the file of leases"
client_start lan1
client_bound lan1
assert_eq "$(told_to lan1 domain_name_servers)" $LAN_GW "its DNS servers"
refute listens gw udp 5353
