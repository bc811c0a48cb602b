#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# XDP at the ports of a bridge: the server moves to another port, a port is isolated, disabled, or goes, the bridge filters VLANs, and netfilter gets rules for it, or tc. Each time packets go where the bridge
# would have sent them, or nowhere.
. "$(dirname "$0")/lab.sh"
. "$LAB_SRC/lib/fast.sh"

lab_up bridge
# A second cable of the server's, unused so far.
cable gw p-srv2 srv eth1
ip link set p-srv2 master br-lan
ip link set p-srv2 up
ip -n srv link set eth1 up
in_ns srv ethtool -K eth1 gro on tx off >/dev/null
fast_ends
fast_up on < <(standard_services)
echo_serve srv 7000
outside=(40001 inet "$WAN_ADDR:7000" "$INET_ADDR:40001")
loop=(40002 lan1 "$WAN_ADDR:7000" "$WAN_ADDR:40002")
both_by_xdp() {
	assert_xdp "wan br-lan" "${outside[@]}"
	assert_xdp br-lan "${loop[@]}"
}
path_is() { # INTERFACE PATH REASON
	[ "$(hp_json status -- ".backend.fast_path[] | select(.interface == \"$1\") | .path")" = "$2" ] && fast_reason "$1" | has "$3"
}
both_by_xdp

say "the bridge forgets the server"
mac=$(ip -n srv -j link show eth0 | jq -r '.[0].address')
bridge fdb del "$mac" dev p-srv master
wait_for 5 "refute is_noted 40001"
wait_for 2 "answered ${outside[*]}"
both_by_xdp

say "the server moves to its other cable"
ip -n srv link set eth0 down
ip -n srv addr flush dev eth0
ip -n srv link set eth1 address "$mac"
ip -n srv addr add $SRV_ADDR/24 dev eth1
ip -n srv route replace default via $LAN_GW
wait_for 5 "srv ping -q -c 1 -W 1 $LAN_GW"
wait_for 2 "answered ${outside[*]}"
both_by_xdp

say "its port is isolated"
bridge link set dev p-srv2 isolated on
wait_for 5 "path_is p-srv2 tc 'isolated'"
assert_tc br-lan "${loop[@]}"
bridge link set dev p-srv2 isolated off
wait_for 5 "path_is p-srv2 xdp null"
both_by_xdp

say "its port is disabled"
bridge link set dev p-srv2 state 0
wait_for 5 "path_is p-srv2 tc 'forwarding'"
refute inet ask -w 500 -p 40001 $WAN_ADDR:7000
refute lan1 ask -w 500 -p 40002 $WAN_ADDR:7000
bridge link set dev p-srv2 state 3
wait_for 5 "path_is p-srv2 xdp null"
both_by_xdp

if kernel_has vlan_filtering; then
	say "the bridge filters VLANs"
	ip link set br-lan type bridge vlan_filtering 1
	wait_for 5 "path_is p-srv2 tc 'filters VLANs'"
	assert_tc br-lan "${loop[@]}"
	bridge vlan del dev p-srv2 vid 1
	refute inet ask -w 500 -p 40001 $WAN_ADDR:7000
	bridge vlan add dev p-srv2 vid 1 pvid untagged
	ip link set br-lan type bridge vlan_filtering 0
	wait_for 5 "path_is p-srv2 xdp null"
	both_by_xdp
fi

say "netfilter drops what comes from the client's port"
nft -f - <<-END
	table bridge somebody {
		chain prerouting {
			type filter hook prerouting priority 0
			iifname p-lan1 ip protocol udp drop
		}
	}
END
wait_for 5 "path_is p-lan1 tc 'netfilter'"
refute lan1 ask -w 500 -p 40002 $WAN_ADDR:7000
nft delete table bridge somebody
wait_for 5 "path_is p-lan1 xdp null"
both_by_xdp

say "others shape or filter at the bridge"
tc qdisc add dev br-lan root tbf rate 100mbit burst 100k latency 50ms
wait_for 5 "path_is p-srv2 xdp 'queue of its bridge shapes'"
assert_tc wan "${outside[@]}"
assert_ge "$(tc -s -j qdisc show dev br-lan root | jq '.[0].packets')" 20 "packets that the bridge's queue shaped"
tc qdisc del dev br-lan root
wait_for 5 "path_is p-srv2 xdp null"
both_by_xdp
# It matches nothing, as no packet of IP begins so.
nothing=(pref 65000 protocol ip u32 match u32 0xffffffff 0xffffffff at 0 classid 1:1)
tc filter add dev br-lan egress "${nothing[@]}"
wait_for 5 "path_is p-srv2 xdp 'filters of somebody else at egress'"
assert_tc wan "${outside[@]}"
tc filter del dev br-lan egress pref 65000
wait_for 5 "path_is p-srv2 xdp null"
tc filter add dev br-lan ingress "${nothing[@]}"
wait_for 5 "path_is p-srv2 tc 'filters of somebody else'"
assert_tc br-lan "${loop[@]}"
tc filter del dev br-lan ingress pref 65000
wait_for 5 "path_is p-srv2 xdp null"
both_by_xdp

say "its port goes"
ip link set p-srv2 nomaster
refute inet ask -w 500 -p 40001 $WAN_ADDR:7000
wait_for 5 "[ \"\$(fast_paths)\" = 'br-lan:tc lan2:xdp p-lan1:xdp p-srv:tc wan:xdp' ]"
assert_eq "$(programs_on p-srv2)" 0 "XDP programs on the port that went"
