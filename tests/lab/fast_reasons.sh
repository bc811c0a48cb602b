#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Where no XDP is, status says why, and nat.fast-path: on that is not met is a warning: fast_reasons.sh BUILD [bypass]
LAB_LINKS="wan=tun"
. "$(dirname "$0")/lab.sh"
. "$LAB_SRC/lib/fast.sh"
[ -z "${1:-}" ] || . "$LAB_SRC/lib/bypass.sh"

says() { # INTERFACE PATH REASON
	local row
	row=$(hp_json status -- ".backend.fast_path[] | select(.interface == \"$1\") | \"\(.path) \(.reason)\"")
	assert_match "$row" "^$2 .*${3:-}" "the way of $1"
}

if [ "${1:-}" = bypass ]; then
	LAB_LINKS=
	bypass_up
	fast_up on < <(standard_services)
	assert_match "$(hp_json status -- '.backend.fast_path[] | "\(.path) \(.reason)"')" "^off role bypass" "the way of the interface"
	exit 0
fi

lab_up plain
lan() {
	printf 'lan:\n'
	printf '  - interface: %s\n' "$@"
}
ip link add flat type vxlan id 5 dstport 4789 local 198.51.100.1
ip addr add 192.168.31.1/24 dev flat
ip link set flat up
ip link add taken type veth peer name taken-peer
ip addr add 192.168.32.1/24 dev taken
ip link set taken up
ip link set taken-peer up
tagged=
if kernel_has vlan; then
	tagged=lan2.7
	ip link add link lan2 name $tagged type vlan id 7
	ip addr add 192.168.33.1/24 dev $tagged
	ip link set $tagged up
fi
ip link add shaped type veth peer name shaped-peer
ip addr add 192.168.34.1/24 dev shaped
ip link set shaped up
ip link set shaped-peer up
ip link add filtered type veth peer name filtered-peer
ip addr add 192.168.35.1/24 dev filtered
ip link set filtered up
ip link set filtered-peer up
ip link add queues numtxqueues 2 numrxqueues 2 type veth peer name queues-peer
ip addr add 192.168.36.1/24 dev queues
ip link set queues up
ip link set queues-peer up
ip tuntap add tapped mode tap
ip addr add 192.168.37.1/24 dev tapped
ip link set tapped up
fast_up auto < <(lan lan0 lan2 ${tagged:+"$tagged"} flat taken shaped filtered queues tapped)

says wan off "no Ethernet"
says lan0 tc "segmentation offload"
if [ "$tagged" ]; then
	says lan2 tc "VLAN device stands on it"
	says lan2.7 tc "made of another device"
fi
says flat tc "no XDP of its own"
says tapped tc "segments of its guest"
assert_eq "$(hp_json status -- '.warnings | map(select(test("fast-path"))) | length')" 0 "warnings under auto"

say "others come first"
program_named() {
	bpftool -j prog show | jq "map(select(.name == \"$1\")) | max_by(.id).id"
}
bpftool net attach xdpdrv id "$(program_named hp_fast)" dev taken
tc qdisc add dev shaped root tbf rate 1mbit burst 10k latency 50ms
bpftool prog pin id "$(program_named hp_lan_ingress)" /sys/fs/bpf/somebody
tc filter add dev filtered ingress pref 10 bpf direct-action object-pinned /sys/fs/bpf/somebody
tc qdisc add dev queues root handle 1: mq
sed -i 's/fast-path: auto/fast-path: on/' $CONF
reload
says lan0 xdp
says tapped xdp
says flat tc "no XDP of its own"
says taken tc "somebody else"
says shaped xdp "shapes"
says filtered tc "filters of somebody else"
says queues xdp "no GRO"
tc qdisc replace dev queues parent 1:2 handle 10: tbf rate 1mbit burst 10k latency 50ms
wait_for 5 'fast_reason queues | has "shapes"'
assert_eq "$(hp_json status -- '.warnings | map(select(test("nat.fast-path: on: no XDP on taken: .*somebody else"))) | length')" 1 "warnings of on that is not met"
wait_for 5 'hp check | has "no XDP on taken: has an XDP program of somebody else"'
hp status | has "^ *taken: tc (has an XDP program of somebody else)$"

say "they go again"
bpftool net detach xdpdrv dev taken
tc filter del dev filtered ingress pref 10
tc qdisc del dev shaped root
tc qdisc del dev queues root
[ -z "$tagged" ] || ip link del $tagged
wait_for 15 '[ "$(hp_json status -- "[.backend.fast_path[] | select(.path == \"xdp\") | .interface] | sort | join(\" \")")" = "filtered lan0 lan2 queues shaped taken tapped" ]'

say "somebody filters what leaves"
tc filter add dev shaped egress pref 10 bpf direct-action object-pinned /sys/fs/bpf/somebody
wait_for 5 'fast_reason shaped | has "filters of somebody else at egress"'
says shaped xdp
tc filter del dev shaped egress pref 10
wait_for 5 '! fast_reason shaped | has "filters of somebody else"'

say "netfilter has rules at a device"
for family in netdev inet; do
	nft "add table $family somebody; add chain $family somebody early { type filter hook ingress device lan2 priority 0; }"
	wait_for 5 '[ "$(hp_json status -- "[.backend.fast_path[] | select(.path == \"xdp\")] | length")" = 0 ]'
	says lan2 tc "family netdev"
	nft delete table $family somebody
	wait_for 5 '! fast_reason lan2 | has "family netdev"'
done
