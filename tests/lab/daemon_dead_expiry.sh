#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The daemon is dead and nobody starts it again: sessions whose time is up still end, of every kind, and with them all that they held; those
# whose time is not up stay, and ports that have rested are free.
# Requirements: 66.
. "$(dirname "$0")/lab.sh"

# With nftables they are the kernel's, with the times that its table has given them.
sessions() {
	if on_nftables; then
		ct_age
	else
		left sessions
	fi
}

lab_up bridge
hairpin_up < <(
	standard_services
	printf 'nat:\n  limits: { sessions: 256 }\n'
)
echo_serve inet 7001
echo_serve srv 7000
conn_serve inet 7002

lan1 ask -p 5000 $INET_ADDR:7001
lan1 ask -p 5000 "[$INET_ADDR6]:7001"
lan1 ping -n -c 1 -W 2 $INET_ADDR
inet ask $WAN_ADDR:7000
guest ask -p 5001 $WAN_ADDR:7000
gw ask $INET_ADDR:7001
conn_open held lan1 $INET_ADDR:7002
conn_lives held before
assert_ge "$(sessions)" 7 "sessions"

if on_nftables; then
	hairpind_kill
	ct_age 40 leave
	assert_ge "$(sessions)" 7 "sessions before any time is up"
	ct_age 262 leave
	wait_for 45 '[ "$(sessions)" = 1 ]'
	conn_lives held between
	# The limits of hosts count connections.
	wait_for 45 '[ "$(nft -j list set inet hairpin holds4 | jq "[.nftables[].set.elem // empty | .[]] | length")" -le 1 ]'
	ct_age 7300 leave
	conn_lives held "before its time is up"
	ct_age 7441 leave
	wait_for 45 '[ "$(sessions)" = 0 ]'
	exit
fi

assert_ge "$(left flows6)" 2 "flows over IPv6"
hairpind_kill
age 301
wait_for 45 '[ "$(left sessions)" = 1 ]'
assert_eq "$(left flows4)" 2 "flows"
assert_eq "$(left flows6)" 0 "flows over IPv6"
assert_eq "$(left mappings)" 1 "mappings"
assert_eq "$(left hosts)" 1 "hosts that hold anything"
assert_ge "$(left bindings)" 3 "ports in use and resting"
conn_lives held between

rest 121
wait_for 10 '[ "$(left bindings)" = 1 ]'

age 7441
wait_for 45 '[ "$(left sessions)" = 0 ]'
for table in flows4 mappings peers hosts; do
	assert_eq "$(left $table)" 0 "$table"
done
rest 121
wait_for 10 '[ "$(left bindings)" = 0 ]'
tables_agree
