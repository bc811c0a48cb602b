#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The daemon hangs or is dead, and the server gets another Ethernet address: within seconds nothing noted is believed, and traffic goes where the kernel's own tables say:
# fast_stopped.sh BUILD stopped|killed auto|on
. "$(dirname "$0")/lab.sh"
. "$LAB_SRC/lib/fast.sh"

lab_up bridge
fast_ends
fast_up "$2" < <(standard_services)
echo_serve srv 7000
outside=(40001 inet "$WAN_ADDR:7000" "$INET_ADDR:40001")
wait_for 10 "answered ${outside[*]} && is_noted 40001"

if [ "$1" = stopped ]; then
	kill -STOP "${LAB_PIDS[hairpind]}"
else
	hairpind_kill
fi
epoch=$(pace epoch)
ip -n srv link set eth0 down
ip -n srv link set eth0 address 02:00:00:00:00:99
ip -n srv link set eth0 up
ip -n srv route replace default via $LAN_GW
srv ping -q -c 1 -W 2 $LAN_GW
wait_for 10 "answered ${outside[*]}"
assert_eq "$(pace epoch)" "$epoch" "the epoch, which nobody raised"

# Whoever takes up the rounds again has heard of it before he says that ways hold.
if [ "$1" = stopped ]; then
	kill -CONT "${LAB_PIDS[hairpind]}"
else
	hairpind_start
fi
wait_for 10 "answered ${outside[*]} && is_noted 40001"
assert_ne "$(pace epoch)" "$epoch" "the epoch of who goes on"
flows 5 "${outside[@]}"
