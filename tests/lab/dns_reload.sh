#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Names come, change and go with the configuration and with the addresses of the segments, and queries meanwhile are all answered.
. "$(dirname "$0")/lab.sh"

lab_up bridge
auth_serve </dev/null
hairpin_up < <(names_conf)
for ((i = 0; i < 1000; i++)); do printf 'app.example.com A\nother.example.com A\n'; done >"$LAB_DIR/names.txt"
assert_eq "$(ask_name lan1 $LAN_GW other.example.com A)" $INET_ADDR "upstream's, now in the cache"
spawn load lan1 dnsperf -s $LAN_GW -d "$LAB_DIR/names.txt" -l 6 -Q 4000 -t 20
for ((i = 1; i <= 20; i++)); do
	{
		names_conf
		printf '  rewrites: [ { domain: nas.example.com, answer: 192.168.11.%u } ]\n' "$i"
	} | gw_conf
	hp reload >&2
	wait_for 20 "[ \"\$(ask_name guest $GUEST_GW nas.example.com A)\" = 192.168.11.$i ]"
done
finished load
assert_eq "$(awk '/Queries lost/ { print $3 }' "$LAB_DIR/load.log")" 0 "queries without an answer"

# A rewrite that goes leaves the name to upstream.
names_conf | gw_conf
reload
assert_eq "$(ask_name lan1 $LAN_GW nas.example.com A)" NXDOMAIN "a name that is ours no more"

# The segment gets another address.
gw ip addr add 192.168.11.3/24 dev $LAN_DEV
wait_for 10 "[ \"\$(ask_name lan1 192.168.11.3 app.example.com A)\" = $SRV_ADDR ]"
