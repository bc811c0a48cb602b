#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The server gets another Ethernet address, and the gateway hears of it by ARP: the noted way leads there at once. That a neighbour's state alone changes, or another
# one becomes known, ends no way: fast_neighbour.sh BUILD auto|on
. "$(dirname "$0")/lab.sh"
. "$LAB_SRC/lib/fast.sh"

lab_up bridge
fast_ends
fast_up "$1" < <(standard_services)
echo_serve srv 7000
outside=(40001 inet "$WAN_ADDR:7000" "$INET_ADDR:40001")
loop=(40002 guest "$WAN_ADDR:7000" "$WAN_ADDR:40002")
wait_for 10 "answered ${outside[*]} && answered ${loop[*]} && is_noted 40001 && is_noted 40002"

old=$(ip -j neigh show dev br-lan $SRV_ADDR | jq -r '.[0].lladdr')
epoch=$(pace epoch)
ip neigh replace $SRV_ADDR dev br-lan lladdr "$old" nud stale
ip neigh replace 192.168.11.77 dev br-lan lladdr 02:00:00:00:00:77 nud stale
ip neigh replace $SRV_ADDR dev br-lan lladdr "$old" nud reachable
# Behind these the daemon has done a round, or more.
ticked=$(pace ticked_s)
wait_for 5 "[ \$(pace ticked_s) -gt $ticked ]"
assert_eq "$(pace epoch)" "$epoch" "the epoch, when no address changed"

ip -n srv link set eth0 down
ip -n srv link set eth0 address 02:00:00:00:00:99
ip -n srv link set eth0 up
ip -n srv route replace default via $LAN_GW
srv ping -q -c 1 -W 2 $LAN_GW
assert_ne "$(ip -j neigh show dev br-lan $SRV_ADDR | jq -r '.[0].lladdr')" "$old" "the address that the gateway knows"
wait_for 2 "answered ${outside[*]}"
wait_for 2 "answered ${loop[*]}"
assert_eq "$(session_of 40001 | jq -c '.way[0].dest')" '[2,0,0,0,0,153]' "where the noted way leads"
