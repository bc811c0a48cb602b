#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# After kill -9 the server's hardware address changes and the default route moves to another router: traffic recovers
# without the daemon.
. "$(dirname "$0")/lab.sh"

lab_up bridge
hairpin_up < <(standard_services)
echo_serve srv 7000
echo_serve inet 7001
inet ask -p 4000 $WAN_ADDR:7000
lan1 ask -p 4001 $WAN_ADDR:7000
lan1 ask -p 4002 $INET_FAR:7001
hairpind_kill

ip -n srv link set eth0 down
ip -n srv link set eth0 address 02:00:00:00:aa:01
ip -n srv link set eth0 up
ip -n srv route add default via $LAN_GW
srv ping -n -c 1 -W 2 $LAN_GW
assert_eq "$(ip -j neigh show dev br-lan $SRV_ADDR | jq -r '.[0].lladdr')" 02:00:00:00:aa:01 "the server's new address"
wait_for 10 "inet ask -w 300 -p 4000 $WAN_ADDR:7000"
wait_for 10 "lan1 ask -w 300 -p 4001 $WAN_ADDR:7000"

# A second router on the provider's link, with an address and hardware address of its own.
ip -n inet link add link eth0 name eth1 address 02:00:00:00:bb:01 type macvlan mode bridge
ip -n inet addr add 198.51.100.12/24 dev eth1
nsenter --net=/run/netns/inet sysctl -qw net.ipv4.conf.all.arp_ignore=1
ip -n inet link set eth1 up
ip route replace default via 198.51.100.12 dev wan
capture_start moved inet eth0 "ether dst 02:00:00:00:bb:01 and udp and src port 4002"
wait_for 10 "lan1 ask -w 300 -p 4002 $INET_FAR:7001 | has -x $WAN_ADDR:4002"
capture_stop moved
assert_ge "$(captured moved '')" 1 "datagrams to the new router"
