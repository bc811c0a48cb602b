#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Names of leases are told to a DNS process that is started anew before it answers: nobody hears that there is no such machine, which clients would keep.
. "$(dirname "$0")/lab.sh"

lab_up bridge
auth_serve </dev/null
hairpin_up < <(leases_conf)
dhclient_conf lan1 'send host-name "laptop"'
client_start lan1 -cf "$LAB_DIR/lan1.conf"
client_bound lan1
address=$(told_to lan1 ip_address)
wait_for 20 '[ "$(ask_name guest $GUEST_GW laptop.home.arpa A)" = "$address" ]'

for ((i = 1; i <= 5; i++)); do
	pid=$(dns_pid)
	kill -KILL "$pid"
	assert_eq "$(ask_name guest $GUEST_GW laptop.home.arpa A)" "$address" "behind kill $i"
	assert_eq "$(ask_name guest $GUEST_GW gateway.home.arpa A)" $GUEST_GW "the gateway behind kill $i"
	wait_for 10 "[ \$(dns_pid) -gt 0 ] && [ \$(dns_pid) != $pid ]"
done
