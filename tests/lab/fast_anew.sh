#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# While the daemon hangs, a device goes and is back under the same number: moved to another namespace and back, or made anew. When the daemon goes on, so does what is sent
# there, and XDP has it again: fast_anew.sh BUILD moved|made
. "$(dirname "$0")/lab.sh"
. "$LAB_SRC/lib/fast.sh"

lab_up bridge
fast_ends
fast_up on < <(standard_services)
echo_serve srv 7000
outwards=(40003 guest "$WAN_ADDR:7000" "$WAN_ADDR:40003")
assert_xdp "lan2 br-lan" "${outwards[@]}"
number=$(cat /sys/class/net/lan2/ifindex)

kill -STOP "${LAB_PIDS[hairpind]}"
if [ "$1" = moved ]; then
	ns_add elsewhere
	ip link set lan2 netns elsewhere
	ip -n elsewhere link set lan2 netns gw
else
	mac=$(ip -n guest -j link show eth0 | jq -r '.[0].address')
	ip link del lan2
	ip link add lan2 index "$number" type veth peer name eth0 netns guest
	ip -n guest link set eth0 address "$mac"
	ip -n guest addr add $GUEST_ADDR/24 dev eth0
	ip -n guest link set eth0 up
	ip -n guest route add default via $GUEST_GW
	in_ns guest ethtool -K eth0 gro on tx off >/dev/null
fi
assert_eq "$(cat /sys/class/net/lan2/ifindex)" "$number" "the number of the device that is back"
ip addr add $GUEST_GW/24 dev lan2
ip link set lan2 up
kill -CONT "${LAB_PIDS[hairpind]}"

wait_for 10 '[ "$(programs_on lan2)" = 1 ]'
assert_xdp "lan2 br-lan" "${outwards[@]}"
