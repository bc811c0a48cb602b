# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Links of the lab that are no plain Ethernet: LAB_LINKS="wan=tun lan2=vlan" before lab_up.
#
#   tun      no Ethernet header, like a tunnel: TUN devices, and a process that carries packets from one to the other
#   offload  the same, with large segments and partial checksums on the link
#   paged    no Ethernet header, and of large packets no header at all in the linear part
#   pppoe    pppd and pppoe-server over an Ethernet cable; wan only
#   gre      GRE tunnels over an Ethernet cable
#   vlan     tagged frames over an Ethernet cable
#   stick    wan untagged and lan2 tagged by one and the same network card, behind which a switch is
#
# A wan of these, vlan and stick apart, is point to point, as dialled links are: it has a peer and no network.

link_kind() { # DEVICE
	local item
	for item in ${LAB_LINKS:-}; do
		[ "${item%=*}" != "$1" ] || echo "${item#*=}"
	done
}

is_dialled() { # DEVICE
	[[ "$(link_kind "$1")" =~ ^(tun|offload|paged|pppoe|gre)$ ]]
}

# cable NS DEVICE PEER-NS PEER-DEVICE: a link between two namespaces, both ends down.
cable() {
	case "$(link_kind "$2")" in
	tun) cable_tun "$@" ;;
	offload) cable_tun -g "$@" ;;
	paged) cable_tun -p "$@" ;;
	pppoe) cable_pppoe "$@" ;;
	gre) cable_gre "$@" ;;
	vlan)
		cable_ether "$1" "trunk-$2" "$3" trunk
		cable_tagged "$1" "trunk-$2" "$2"
		cable_tagged "$3" trunk "$4"
		;;
	stick) cable_stick "$@" ;;
	*) ip link add "$2" netns "$1" type veth peer name "$4" netns "$3" ;;
	esac
}

cable_ether() { # NS DEVICE PEER-NS PEER-DEVICE, both up
	ip link add "$2" netns "$1" type veth peer name "$4" netns "$3"
	ip -n "$1" link set "$2" up
	ip -n "$3" link set "$4" up
}

cable_tun() { # [-g|-p] NS DEVICE PEER-NS PEER-DEVICE
	spawn "cable-${*: -3:1}" gw tun_cable "$@"
	wait_for 5 "ip -n '${*: -2:1}' link show '${*: -1}'"
}

cable_tagged() { # NS TRUNK DEVICE
	ip -n "$1" link add link "$2" name "$3" type vlan id 7
}

cable_stick() { # NS DEVICE PEER-NS PEER-DEVICE
	case $2 in
	wan)
		ns_add stick
		bridge_up stick br0
		cable_ether gw wan stick gw
		cable_ether inet eth0 stick inet
		ip -n stick link set gw master br0
		ip -n stick link set inet master br0
		;;
	lan2)
		cable_ether guest trunk stick guest
		ip -n stick link set guest master br0
		cable_tagged gw wan lan2
		cable_tagged guest trunk eth0
		;;
	esac
}

cable_gre() { # NS DEVICE PEER-NS PEER-DEVICE
	cable_ether "$1" "under-$2" "$3" under
	ip -n "$1" addr add 10.66.0.1/24 dev "under-$2"
	ip -n "$3" addr add 10.66.0.2/24 dev under
	ip -n "$1" link add "$2" type gre local 10.66.0.1 remote 10.66.0.2 ttl 64
	ip -n "$3" link add "$4" type gre local 10.66.0.2 remote 10.66.0.1 ttl 64
}

# Again with another WAN_ADDR it is the server that gives another address. pppd names its devices as it is told; it starts with a file of options,
# which has to be there and may be empty. The server's frames go through a process (Debian's pppoe-server knows no other way), the
# gateway's through the kernel.
cable_pppoe() { # NS DEVICE PEER-NS PEER-DEVICE
	if [ -z "${LAB_PIDS[pppoe]:-}" ]; then
		cable_ether "$1" dsl "$3" dsl
		rm -rf /etc/ppp
		mkdir -p /etc/ppp
		: >/etc/ppp/options
		printf '%s\n' noauth +ipv6 nodefaultroute noipdefault "ifname $4" mtu 1492 mru 1492 debug \
			"logfile $LAB_DIR/pppd-server.log" >/etc/ppp/server
	else
		stop pppoe || true
		wait_for 10 "! ip -n '$3' link show '$4'"
	fi
	spawn pppoe "$3" pppoe-server -F -I dsl -O /etc/ppp/server -L $INET_ADDR -R "$WAN_ADDR" -N 1
	spawn "cable-$2" "$1" pppd plugin pppoe.so nic-dsl nodetach noauth +ipv6 nodefaultroute noipdefault \
		ifname "$2" mtu 1492 mru 1492
	wait_for 30 "ip -n '$1' -br addr show dev '$2' | has -w '$WAN_ADDR'"
	wait_for 30 "ip -n '$3' -br addr show dev '$4' | has -w $INET_ADDR"
}

# The gateway's side of a dialled wan.
dialled_up() {
	# pppd has given it an address by itself.
	ip -br addr show dev wan | has -w "$WAN_ADDR" || ip addr add "$WAN_ADDR" peer $INET_ADDR dev wan
	ip addr add $WAN_ADDR6/64 dev wan nodad
	ip route add default dev wan
	ip -6 route add default dev wan
}

# kernel_has pppoe|vlan|vlan_filtering|gre|sctp: whether this kernel has links of the kind.
kernel_has() {
	case $1 in
	pppoe)
		modprobe -q pppoe || true
		[ -e /proc/net/pppoe ]
		;;
	vlan) unshare --net sh -c 'ip link add va type veth peer name vb && ip link add link va name vc type vlan id 7' ;;
	vlan_filtering) unshare --net ip link add va type bridge vlan_filtering 1 ;;
	sctp)
		modprobe -q sctp || true
		[ -e /proc/net/sctp ]
		;;
	gre) unshare --net ip link add gx type gre local 192.0.2.1 remote 192.0.2.2 ;;
	esac 2>/dev/null
}

need_kernel() { # pppoe|vlan|gre|sctp
	kernel_has "$1" || skip "this kernel has no $1"
}
