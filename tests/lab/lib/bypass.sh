# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# A machine with one leg, in a LAN behind a main router that is a box of its own: bypass_up instead of lab_up.
#
#    ┌──────────────── inet ────────────────┐
#    │ lo    198.51.100.10 and .11          │        hosts outside
#    │       203.0.113.10  2001:db8:99::10  │
#    │ eth0  25.11.0.254/24                 │        the provider
#    │       2001:db8:100::10/64            │
#    └───────────────────┬──────────────────┘
#    ┌───────────────── wan ────────────────┐
#    │ 25.11.0.1/24  2001:db8:100::1/64     │        MAIN_ADDR: the public address, and so WAN_ADDR
#    │                 main                 │        masquerades, forwards, has no loopback
#    │ eth0  192.168.11.1/24                │        LAN_GW
#    │       2001:db8:11::1/64              │
#    └───────────────────┬──────────────────┘
#                   sw (a switch)
#       ┌────────────────┼────────────────┐
#     lan1              srv              gw            gw: our machine, eth0 its only device (LAN_DEV, WAN_DEV);
#     192.168.11.2      192.168.11.20    192.168.11.3  SIDE_ADDR; its gateway is main, as is that of lan1 and srv
#     2001:db8:11::2    11::20           11::3         until server_gateway or client_gateway says otherwise
#
# bypass_up cgnat: a translator of the provider's in between, which forwards nothing:
#     inet ── 25.11.0.1 cgn 100.64.0.1/24 ── 100.64.0.2 (MAIN_ADDR) main
#
# The main router is nftables as many have it: what the WAN opens and nobody forwarded is dropped, and what conntrack calls invalid. A forward
# holds for what comes in by the WAN, so that a client inside who asks for the public address reaches the main router itself: there is no loopback.
# The public address is none of the networks for documentation: miniupnpd refuses to work with those. Nothing leaves the namespaces.
#
# gw_conf and hairpin_up write `role: bypass` with the one device. What the main router does beyond that is said by the functions below:
#
#    main_forward 443/tcp 192.168.11.20[:8443]   forwards; main_forwards prints, one a line; main_forwards_flush takes all away
#    main_miniupnpd_up [igd|natpmp|pcp|KEY=VALUE]...   Debian's miniupnpd; with protocols named, only those answer
#    main_miniupnpd_down, main_miniupnpd_restart, main_forgets; main_mappings prints what was asked of it.
#        Behind cgnat it refuses everything, as that version does whose own address is private
#    main_public_change NEW_ADDRESS, main_away, main_back, server_gateway main|gw, client_gateway main|gw

MAIN_ADDR=25.11.0.1
MAIN_ADDR6=2001:db8:100::1
PROVIDER_ADDR=25.11.0.254
CARRIER_ADDR=100.64.0.1
SIDE_ADDR=192.168.11.3
SIDE_ADDR6=2001:db8:11::3

main() { in_ns main "$@"; }
cgn() { in_ns cgn "$@"; }

bypass_inet_up() {
	local address
	ns_add inet
	for address in $INET_ADDR $INET_ADDR2 $INET_FAR; do
		ip -n inet addr add "$address/32" dev lo
	done
	# Whoever is asked answers askers of the link's own network alone.
	inet sysctl -qw net.ipv4.conf.all.arp_announce=2
	ip -n inet addr add 2001:db8:99::10/128 dev lo
	ip -n inet addr add $INET_ADDR6/128 dev lo
}

# The link between the provider and DEVICE of NS, which gets that address; hosts outside are seen with INET_ADDR, not with the provider's.
provider_link() { # NS DEVICE ADDRESS
	cable "$1" "$2" inet eth0
	ip -n inet addr add $PROVIDER_ADDR/24 dev eth0 noprefixroute
	ip -n inet addr add 2001:db8:100::fe/64 dev eth0 nodad
	ip -n inet link set eth0 up
	ip -n inet route add 25.11.0.0/24 dev eth0 src $INET_ADDR
	ip -n "$1" link set "$2" up
	ip -n "$1" addr add "$3/24" dev "$2"
	ip -n "$1" route add default via $PROVIDER_ADDR
}

carrier_up() {
	ns_add cgn
	provider_link cgn wan $MAIN_ADDR
	cable cgn eth0 main wan
	ip -n cgn addr add $CARRIER_ADDR/24 dev eth0
	ip -n cgn link set eth0 up
	cgn sysctl -qw net.ipv4.ip_forward=1
	cgn nft add table ip carrier
	cgn nft add chain ip carrier post '{ type nat hook postrouting priority srcnat; oifname wan masquerade; }'
	MAIN_ADDR=100.64.0.2
	ip -n main link set wan up
	ip -n main addr add $MAIN_ADDR/24 dev wan
	ip -n main route add default via $CARRIER_ADDR
}

main_rules() {
	main nft -f - <<-'END'
		table ip main {
			chain forwards {
			}
			chain prerouting {
				type nat hook prerouting priority dstnat
				iifname wan fib daddr type local jump forwards
			}
			chain postrouting {
				type nat hook postrouting priority srcnat
				oifname wan masquerade
			}
			chain forward {
				type filter hook forward priority filter; policy drop
				ct state established,related accept
				ct state invalid drop
				iifname eth0 accept
				ct status dnat accept
			}
			chain input {
				type filter hook input priority filter; policy drop
				ct state established,related accept
				iifname { lo, eth0 } accept
				icmp type echo-request accept
			}
		}
		table inet miniupnpd {
			chain forwarded {
			}
			chain to {
			}
			chain from {
			}
			chain prerouting {
				type nat hook prerouting priority dstnat + 1
				jump to
			}
			chain postrouting {
				type nat hook postrouting priority srcnat - 1
				jump from
			}
		}
		table inet main-answers {
			chain silent {
			}
			chain input {
				type filter hook input priority filter - 10
				jump silent
			}
		}
	END
}

main_ipv6() {
	ip -n main addr add $MAIN_ADDR6/64 dev wan nodad
	ip -n main -6 route add default via 2001:db8:100::fe
	ip -n inet -6 route add 2001:db8:11::/64 via $MAIN_ADDR6
	main sysctl -qw net.ipv6.conf.all.forwarding=1
}

# bypass_up [cgnat]
bypass_up() {
	local ns
	LAN_DEV=eth0
	WAN_DEV=eth0
	LAB_ROLE=bypass
	ip netns attach gw $$
	ns_settle gw
	sysctl -qw net.ipv4.conf.all.rp_filter=1 net.ipv4.ip_forward=0
	ns_add sw
	bridge_up sw br0
	bypass_inet_up
	host_up main sw main $LAN_GW/24 $LAN_GW6/64
	host_up lan1 sw lan1 $LAN1_ADDR/24 $LAN1_ADDR6/64
	host_up srv sw srv $SRV_ADDR/24 $SRV_ADDR6/64
	cable gw eth0 sw gw
	ip link set eth0 up
	ip addr add $SIDE_ADDR/24 dev eth0
	ip addr add $SIDE_ADDR6/64 dev eth0 nodad
	for ns in main lan1 srv gw; do
		ip -n sw link set $ns master br0 up
	done
	if [ "${1:-}" = cgnat ]; then
		carrier_up
	else
		provider_link main wan $MAIN_ADDR
		main_ipv6
	fi
	main sysctl -qw net.ipv4.ip_forward=1
	main_rules
	for ns in lan1 srv gw; do
		ip -n $ns route add default via $LAN_GW
		ip -n $ns -6 route add default via $LAN_GW6
	done
	WAN_ADDR=$MAIN_ADDR
	WAN_ADDR6=$MAIN_ADDR6
	[ "${LAB_PCAP:-yes}" != yes ] || capture_start gw-lan gw eth0
}

# main_forward PORT/PROTOCOL HOST[:PORT]
main_forward() {
	main nft add rule ip main forwards "${1#*/}" dport "${1%/*}" dnat to "$2"
}

main_forwards() {
	nsenter --net=/run/netns/main nft list chain ip main forwards | sed -n 's/^\t*\(.*dport\)/\1/p'
}

main_forwards_flush() {
	main nft flush chain ip main forwards
}

# main_silent PROTOCOL...: datagrams of these the main router does not take. Both come by port 5351, the first octet is the version.
main_silent() {
	local protocol
	for protocol; do
		case $protocol in
		natpmp) main nft add rule inet main-answers silent udp dport 5351 @th,64,8 0 drop ;;
		pcp) main nft add rule inet main-answers silent udp dport 5351 @th,64,8 2 drop ;;
		esac
	done
}

# main_miniupnpd_up [igd|natpmp|pcp|KEY=VALUE|"deny ..."]...: all three protocols, or those that are named.
main_miniupnpd_up() {
	local word only="" igd=yes
	main nft flush chain inet main-answers silent
	{
		cat <<-END
			ext_ifname=wan
			listening_ip=eth0
			http_port=5000
			secure_mode=yes
			ipv6_disable=yes
			notify_interval=60
			min_lifetime=20
			max_lifetime=86400
			lease_file=$LAB_DIR/miniupnpd.leases
			upnp_table_name=miniupnpd
			upnp_nat_table_name=miniupnpd
			upnp_forward_chain=forwarded
			upnp_nat_chain=to
			upnp_nat_postrouting_chain=from
			uuid=6f2c1b9e-7d4f-4a35-9c9a-2f0f6d0f7a11
		END
		for word; do
			case $word in
			*=* | deny\ *) echo "$word" ;;
			*) only+=" $word" ;;
			esac
		done
		[[ -z $only || " $only " == *" igd "* ]] || igd=no
		printf '%s\n' "enable_upnp=$igd" "enable_natpmp=yes" "allow 1-65535 192.168.11.0/24 1-65535" "deny 0-65535 0.0.0.0/0 0-65535"
	} >"$LAB_DIR/miniupnpd.conf"
	if [ -n "$only" ]; then
		for word in natpmp pcp; do
			[[ " $only " == *" $word "* ]] || main_silent $word
		done
	fi
	main_miniupnpd_start
}

main_miniupnpd_start() {
	spawn miniupnpd main "$(command -v miniupnpd)" -d -f "$LAB_DIR/miniupnpd.conf" -P "$LAB_DIR/miniupnpd.pid"
	wait_for 10 "! running miniupnpd || listens main udp 5351"
	running miniupnpd || fail "miniupnpd ended by itself, see its log"
	if grep -q '^enable_upnp=yes' "$LAB_DIR/miniupnpd.conf"; then
		wait_for 10 "listens main udp 1900 && listens main tcp 5000"
	fi
}

main_miniupnpd_down() {
	stop miniupnpd || true
	main nft flush chain inet main-answers silent
}

# What was asked of the main router is gone, the lease file too; behind the end of miniupnpd.
main_forgets() {
	rm -f "$LAB_DIR/miniupnpd.leases"
	main nft flush chain inet miniupnpd to
	main nft flush chain inet miniupnpd from
	main nft flush chain inet miniupnpd forwarded
}

# As a restart of the main router's service.
main_miniupnpd_restart() {
	stop miniupnpd || true
	main_forgets
	main_miniupnpd_start
}

# main_mappings: what was asked of miniupnpd and holds, "8443/tcp 192.168.11.3:443", one a line. Its rules look into the header for the protocol.
main_mappings() {
	nsenter --net=/run/netns/main nft list chain inet miniupnpd to |
		sed -n -e 's/.* 0x6 th dport \([0-9]*\) dnat ip to \([0-9.:]*\).*/\1\/tcp \2/p' -e 's/.* 0x11 th dport \([0-9]*\) dnat ip to \([0-9.:]*\).*/\1\/udp \2/p'
}

# main_public_change NEW_ADDRESS, of 25.11.0.0/24: as after another dialling in. Connections by the old address are gone.
main_public_change() {
	ip -n main addr del "$MAIN_ADDR/24" dev wan
	MAIN_ADDR=$1
	WAN_ADDR=$1
	ip -n main addr add "$MAIN_ADDR/24" dev wan
	ip -n main route replace default via $PROVIDER_ADDR
}

# The cable between the switch and the main router is pulled out, and put back.
main_away() {
	ip -n sw link set main down
}

main_back() {
	ip -n sw link set main up
}

gateway_of() { # NS main|gw
	local to=$LAN_GW to6=$LAN_GW6
	if [ "$2" = gw ]; then
		to=$SIDE_ADDR
		to6=$SIDE_ADDR6
	fi
	ip -n "$1" route replace default via $to
	ip -n "$1" -6 route replace default via $to6
	ip -n "$1" neigh flush dev eth0
}

# server_gateway main|gw, client_gateway main|gw: of srv, of lan1.
server_gateway() {
	gateway_of srv "$1"
}

client_gateway() {
	gateway_of lan1 "$1"
}
