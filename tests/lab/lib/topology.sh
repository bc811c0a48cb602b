# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The networks of the lab.
#
#    ┌──────────────── inet ────────────────┐
#    │ lo    203.0.113.10  2001:db8:99::10  │        a host behind the provider
#    │ eth0  198.51.100.10 and .11 /24      │        two hosts beside the gateway
#    │       2001:db8:100::10 /64           │
#    └───────────────────┬──────────────────┘
#                        │
#    ┌───────────────── wan ────────────────┐
#    │ 198.51.100.1/24  2001:db8:100::1/64  │        the public address
#    │                  gw                  │        default route: inet
#    │ br-lan                        lan2   │
#    │ 192.168.11.1/24    192.168.12.1/24   │
#    │ 2001:db8:11::1/64  2001:db8:12::1/64 │
#    └──┬────────────┬───────────────┬──────┘
#       │            │               │
#     lan1          srv            guest
#     192.168.11.2  192.168.11.20  192.168.12.2        2001:db8:11::2, 11::20, 12::2
#
# lab_up plain: the first LAN is the plain device lan0 instead of a bridge, and the switch is a box of its own (sw),
# so that a packet between lan1 and srv enters and leaves the gateway by one and the same device.
#
# lib/links.sh has links of other kinds between the gateway and inet or guest.
#
# The hosts answer ARP only to askers of their own network (arp_ignore 2), and the gateway checks return paths strictly
# (rp_filter 1): the strictest settings that are met in practice.

WAN_ADDR=198.51.100.1
WAN_ADDR6=2001:db8:100::1
INET_ADDR=198.51.100.10
INET_ADDR2=198.51.100.11
INET_FAR=203.0.113.10
INET_ADDR6=2001:db8:100::10
LAN_GW=192.168.11.1
LAN1_ADDR=192.168.11.2
SRV_ADDR=192.168.11.20
LAN_GW6=2001:db8:11::1
LAN1_ADDR6=2001:db8:11::2
SRV_ADDR6=2001:db8:11::20
GUEST_GW=192.168.12.1
GUEST_ADDR=192.168.12.2
GUEST_GW6=2001:db8:12::1
GUEST_ADDR6=2001:db8:12::2
LAN_DEV=br-lan
WAN_DEV=wan

# in_ns NAME COMMAND...: prints the command, unless in a loop of waiting.
in_ns() {
	local ns=$1
	shift
	[ -n "${LAB_QUIET:-}" ] || echo "$ns\$ $*" >&2
	nsenter --net="/run/netns/$ns" "$@"
}

gw() { in_ns gw "$@"; }
inet() { in_ns inet "$@"; }
lan1() { in_ns lan1 "$@"; }
srv() { in_ns srv "$@"; }
guest() { in_ns guest "$@"; }

# Link-local addresses stay, duplicate address detection and router advertisements are off: tests that need them say so.
ns_settle() {
	nsenter --net="/run/netns/$1" sysctl -qw net.ipv6.conf.default.accept_dad=0 \
		net.ipv6.conf.all.accept_dad=0 net.ipv6.conf.default.accept_ra=0 \
		net.ipv6.conf.all.accept_ra=0 net.ipv4.conf.all.rp_filter=0 \
		net.ipv4.conf.default.rp_filter=0 net.ipv6.conf.default.router_solicitations=0
	ip -n "$1" link set lo up
}

ns_add() {
	ip netns add "$1"
	ns_settle "$1"
}

# end_fast NS: with XDP the host's end of its cable takes what is sent by it, which a veth does with GRO, and makes its checksums itself, as what comes from a real
# cable has one. Ends of other kinds have none of that.
end_fast() {
	[ -z "${HAIRPIN_FAST_PATH:-}" ] || in_ns "$1" ethtool -K eth0 gro on tx off >/dev/null 2>&1 || true
}

# host_up NAME PEER-NS PEER-DEVICE ADDRESS ADDRESS6: its eth0 is the other end of that device.
host_up() {
	local ns=$1
	ns_add "$ns"
	cable "$2" "$3" "$ns" eth0
	end_fast "$ns"
	nsenter --net="/run/netns/$ns" sysctl -qw net.ipv4.conf.all.arp_ignore=2
	ip -n "$ns" addr add "$4" dev eth0
	ip -n "$ns" addr add "$5" dev eth0 nodad
	ip -n "$ns" link set eth0 up
	ip -n "$2" link set "$3" up
}

bridge_up() { # NS NAME
	ip -n "$1" link add "$2" type bridge forward_delay 0 stp_state 0 mcast_snooping 0
	ip -n "$1" link set "$2" up
}

inet_up() {
	ns_add inet
	cable gw "$WAN_DEV" inet eth0
	end_fast inet
	ip -n inet addr add $INET_ADDR/24 dev eth0
	ip -n inet addr add $INET_ADDR2/24 dev eth0
	ip -n inet addr add $INET_ADDR6/64 dev eth0 nodad
	ip -n inet addr add $INET_FAR/32 dev lo
	ip -n inet addr add 2001:db8:99::10/128 dev lo
	ip -n inet link set eth0 up
	wan_up
	ip -n inet route add 2001:db8:11::/64 via $WAN_ADDR6
	ip -n inet route add 2001:db8:12::/64 via $WAN_ADDR6
}

# The gateway's side of the link to the provider; also after the device was made anew.
wan_up() {
	ip link set "$WAN_DEV" up
	if is_dialled "$WAN_DEV"; then
		dialled_up
		return
	fi
	ip addr add $WAN_ADDR/24 dev "$WAN_DEV"
	ip addr add $WAN_ADDR6/64 dev "$WAN_DEV" nodad
	ip route add default via $INET_ADDR dev "$WAN_DEV"
	ip -6 route add default via $INET_ADDR6 dev "$WAN_DEV"
}

lan_up() {
	if [ "$1" = plain ]; then
		LAN_DEV=lan0
		ns_add sw
		bridge_up sw br0
		ip link add lan0 type veth peer name uplink netns sw
		ip -n sw link set uplink master br0 up
		host_up lan1 sw lan1 $LAN1_ADDR/24 $LAN1_ADDR6/64
		host_up srv sw srv $SRV_ADDR/24 $SRV_ADDR6/64
		ip -n sw link set lan1 master br0
		ip -n sw link set srv master br0
	else
		LAN_DEV=br-lan
		bridge_up gw br-lan
		host_up lan1 gw p-lan1 $LAN1_ADDR/24 $LAN1_ADDR6/64
		host_up srv gw p-srv $SRV_ADDR/24 $SRV_ADDR6/64
		ip link set p-lan1 master br-lan
		ip link set p-srv master br-lan
	fi
	ip link set "$LAN_DEV" up
	ip addr add $LAN_GW/24 dev "$LAN_DEV"
	ip addr add $LAN_GW6/64 dev "$LAN_DEV" nodad
}

guest_up() {
	host_up guest gw lan2 $GUEST_ADDR/24 $GUEST_ADDR6/64
	ip addr add $GUEST_GW/24 dev lan2
	ip addr add $GUEST_GW6/64 dev lan2 nodad
}

default_routes() {
	local ns
	for ns in lan1 srv; do
		ip -n $ns route add default via $LAN_GW
		ip -n $ns -6 route add default via $LAN_GW6
	done
	ip -n guest route add default via $GUEST_GW
	ip -n guest -6 route add default via $GUEST_GW6
}

# lab_up [bridge|plain]
lab_up() {
	ip netns attach gw $$
	ns_settle gw
	sysctl -qw net.ipv4.conf.all.rp_filter=1 net.ipv4.ip_forward=0
	inet_up
	lan_up "${1:-bridge}"
	guest_up
	default_routes
	capture_links
}

# routes_packets NS: it is a router, and says all that it has to say.
routes_packets() {
	nsenter --net="/run/netns/$1" sysctl -qw net.ipv4.ip_forward=1 net.ipv4.icmp_ratelimit=0
}

# beyond_up MTU: two more hops outside, inet and r2, with a link of that MTU between them and a host behind.
#    inet 10.20.30.1 ──(MTU)── 10.20.30.2 r2 203.0.113.65 ── 203.0.113.66 far
FAR_ADDR=203.0.113.66
beyond_up() {
	host_up r2 inet eth1 10.20.30.2/24 2001:db8:66::2/64
	ip -n inet addr add 10.20.30.1/24 dev eth1
	ip -n inet link set eth1 mtu "$1"
	ip -n r2 link set eth0 mtu "$1"
	host_up far r2 eth1 $FAR_ADDR/26 2001:db8:67::66/64
	ip -n r2 addr add 203.0.113.65/26 dev eth1
	ip -n r2 route add default via 10.20.30.1
	ip -n far route add default via 203.0.113.65
	ip -n inet route add 203.0.113.64/26 via 10.20.30.2
	routes_packets inet
	routes_packets r2
	routes_packets far
}

# deep_up MTU: lan1 is a router as well, with a link of that MTU to a host behind.
DEEP_ADDR=192.168.20.5
deep_up() {
	host_up deep lan1 eth1 $DEEP_ADDR/24 2001:db8:20::5/64
	ip -n lan1 addr add 192.168.20.1/24 dev eth1
	ip -n lan1 link set eth1 mtu "$1"
	ip -n deep route add default via 192.168.20.1
	ip route add 192.168.20.0/24 via $LAN1_ADDR dev "$LAN_DEV"
	routes_packets lan1
}

# device_make wan|lan2|br-lan: one of the gateway's devices, anew after `ip link del`, with all that lab_up gave it. DEVICE_MADE_MS
# is the time at which it was whole.
device_make() {
	case $1 in
	wan)
		cable gw wan inet eth0
		ip -n inet addr add $INET_ADDR/24 dev eth0
		ip -n inet addr add $INET_ADDR2/24 dev eth0
		ip -n inet addr add $INET_ADDR6/64 dev eth0 nodad
		ip -n inet link set eth0 up
		wan_up
		;;
	lan2)
		ip link add lan2 type veth peer name eth0 netns guest
		ip -n guest addr add $GUEST_ADDR/24 dev eth0
		ip -n guest addr add $GUEST_ADDR6/64 dev eth0 nodad
		ip -n guest link set eth0 up
		ip -n guest route add default via $GUEST_GW
		ip link set lan2 up
		ip addr add $GUEST_GW/24 dev lan2
		;;
	br-lan)
		bridge_up gw br-lan
		ip link set p-lan1 master br-lan
		ip link set p-srv master br-lan
		ip addr add $LAN_GW/24 dev br-lan
		;;
	esac
	DEVICE_MADE_MS=$(now_ms)
}
