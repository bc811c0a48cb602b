#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A proxy beside us leads what comes from the LAN into its tunnel, as clash and mihomo do; one rule that asks for nat.mark spares answers of forwarded connections, of
# those that are forwarded past us, too. Hosts' own connections stay the proxy's.
. "$(dirname "$0")/lab.sh"
. "$LAB_SRC/lib/bypass.sh"

bypass_up
server_gateway gw
client_gateway gw
main_forward 8443/tcp $SIDE_ADDR
main_forward 7000/udp $SIDE_ADDR
main_forward 443/tcp $SRV_ADDR
main_forward 7001/udp $SRV_ADDR
ip tuntap add dev tunnel mode tun
ip addr add 198.18.0.1/30 dev tunnel
ip link set tunnel up
ip route add 192.168.11.0/24 dev eth0 table 200
ip route add default dev tunnel table 200
ip rule add pref 200 lookup 200
hairpin_up <<-END
	nat: { backend: nftables, limits: { sessions: 16384 } }
	services:
	  - { name: web, host: $SRV_ADDR, ports: ["8443:443/tcp", 443/tcp, 7000/udp, 7001/udp], outside-source: client }
END
http_serve srv 443
http_files srv 400000
http_serve inet 81
echo_serve srv 7000 7001

http_refused inet http://$MAIN_ADDR:8443/
ip rule add pref 100 fwmark 0x04000000/0x04000000 lookup main
assert_eq "$(http_get inet http://$MAIN_ADDR:8443/ --local-port 40000)" "$INET_ADDR:40000" "by us"
assert_eq "$(inet ask -p 40001 $MAIN_ADDR:7000)" "$INET_ADDR:40001" "by us, udp"
assert_eq "$(http_get inet http://$MAIN_ADDR:443/ --local-port 40002)" "$INET_ADDR:40002" "past us"
assert_eq "$(inet ask -p 40003 $MAIN_ADDR:7001)" "$INET_ADDR:40003" "past us, udp"
assert_eq "$(inet ask -p 40003 $MAIN_ADDR:7001)" "$INET_ADDR:40003" "past us, udp, a second time"
for port in 443 8443; do
	download big inet http://$MAIN_ADDR:$port/big
	downloaded big srv
done
# Nobody reads from the tunnel.
http_refused lan1 http://$INET_ADDR:81/
