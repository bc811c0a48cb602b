#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Two gateways on one machine have a sorter each; what one detaches is its own. With nftables each kernel does without.
. "$(dirname "$0")/lab.sh"

lab_up bridge
hairpin_up < <(standard_services)
pieces_serve inet

# The other gateway: its LAN is that of far, its WAN is inet.
ns_add gw2
host_up far gw2 lan 192.168.21.2/24 2001:db8:21::2/64
ip link add wan netns gw2 type veth peer name eth1 netns inet
ip -n gw2 addr add 192.0.2.1/24 dev wan
ip -n gw2 addr add 192.168.21.1/24 dev lan
ip -n gw2 link set wan up
ip -n gw2 route add default via 192.0.2.10
ip -n inet addr add 192.0.2.10/24 dev eth1
ip -n inet link set eth1 up
ip -n far route add default via 192.168.21.1
with_backend >"$LAB_DIR/second.yaml" <<-END
	role: gateway
	wan:
	  interface: wan
	lan:
	  - interface: lan
	nat:
	  limits: { sessions: 16384 }
END
mkdir -p /run/second
second=(-s /run/second/control.sock -b /sys/fs/bpf/second -d /var/lib/second)
spawn second gw2 "$HAIRPIND" -f "$LAB_DIR/second.yaml" "${second[@]}"
wait_for 30 'in_ns gw2 "$HAIRPIN" -s /run/second/control.sock status'

first() { lan1 pieces -o reverse -s 8000 udp $LAN1_ADDR:5000 $INET_ADDR:7000; }
other() { in_ns far pieces -o reverse -s 8000 udp 192.168.21.2:5000 192.0.2.10:7000; }
first
other
assert_eq "$(grep -c "from $WAN_ADDR:5000 8000" "$LAB_DIR/inet.log")" 1 "datagrams by the first gateway"
assert_eq "$(grep -c "from 192.0.2.1:5000 8000" "$LAB_DIR/inet.log")" 1 "datagrams by the second"
on_nftables || assert_ne "$(stat -L -c %i /var/lib/hairpin/sorter)" "$(stat -L -c %i /var/lib/second/sorter)" "the namespaces"

in_ns gw2 "$HAIRPIN" "${second[@]:0:2}" detach
finished second
refute test -e /var/lib/second/sorter
refute in_ns gw2 test -e /proc/sys/net/ipv4/conf/hairpin-sort0
first
