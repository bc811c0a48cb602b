#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# With the default configuration a default route is learnt on WAN by router advertisement, though forwarding is on, and it
# is learnt again after it was lost.
. "$(dirname "$0")/lab.sh"

lab_up bridge
ip -6 route del default
sysctl -qw net.ipv6.conf.wan.accept_ra=1
ip link set wan down && ip link set wan up
ip addr replace $WAN_ADDR6/64 dev wan nodad
hairpin_up </dev/null
cat >"$LAB_DIR/radvd.conf" <<END
interface eth0 {
	AdvSendAdvert on;
	MinRtrAdvInterval 3;
	MaxRtrAdvInterval 4;
	prefix 2001:db8:100::/64 { };
};
END
nsenter --net=/run/netns/inet sysctl -qw net.ipv6.conf.all.forwarding=1
spawn radvd inet radvd -n -m stderr -C "$LAB_DIR/radvd.conf" -p "$LAB_DIR/radvd.pid"

learnt='ip -6 route show default dev wan proto ra | has via'
wait_for 20 "$learnt"
ip -6 route del default
wait_for 20 "$learnt"
nsenter --net=/run/netns/inet sysctl -qw net.ipv6.conf.all.forwarding=1
gw ping -6 -n -c 1 -W 2 2001:db8:99::10
