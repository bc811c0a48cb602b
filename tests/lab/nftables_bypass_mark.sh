#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A proxy beside us leads what comes from the LAN into its tunnel, as clash and mihomo do; one rule that asks for nat.mark spares answers of forwarded connections, of
# those that are forwarded past us, too. Hosts' own connections stay the proxy's.
. "$(dirname "$0")/lab.sh"
. "$LAB_SRC/lib/bypass.sh"
. "$LAB_SRC/lib/proxy.sh"

tunnel_up
ip route add 192.168.11.0/24 dev eth0 table 200
ip rule add pref 200 lookup 200
hairpin_up < <(
	echo "nat: { backend: nftables, limits: { sessions: 16384 } }"
	tunnel_service
)
tunnel_serve

http_refused inet http://$MAIN_ADDR:8443/
ip rule add pref 100 fwmark 0x04000000/0x04000000 lookup main
reached_from_outside
# Nobody reads from the tunnel.
http_refused lan1 http://$INET_ADDR:81/
