#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Inside and outside at the same time, by name and by public address, from one subnet, while the main router has no loopback.
# bypass_inside.sh BUILD us|main, which is the server's gateway
. "$(dirname "$0")/lab.sh"
. "$LAB_SRC/lib/bypass.sh"

bypass_up
client_gateway gw
main_forward 8443/tcp $SIDE_ADDR
main_forward 7000/udp $SIDE_ADDR
main_forward 80/tcp $SIDE_ADDR
# Who answers by us may see the public address; to the others only ours is a neighbour's.
case $1 in
us)
	server_gateway gw
	outside=client seen_outside=$INET_ADDR seen_inside=$MAIN_ADDR
	;;
main) outside=gateway seen_outside=$SIDE_ADDR seen_inside=$SIDE_ADDR ;;
esac
hairpin_up <<-END
	wan: { interface: eth0, public-address: $MAIN_ADDR, map-upstream: off }
	services:
	  - { name: web, domain: moved.example.com, host: $SRV_ADDR, ports: ["8443:443/tcp"], outside-source: $outside }
	  - { name: udp, domain: app.example.com, host: $SRV_ADDR, ports: [7000/udp, 80/tcp], outside-source: $outside }
	dns: { upstream: [$AUTH_ADDR] }
END
auth_serve <<<"moved A $MAIN_ADDR"
echo "nameserver $SIDE_ADDR" >/etc/resolv.conf
http_serve srv 443 80
http_serve main 81
echo_serve srv 7000

assert_match "$(http_get inet http://$MAIN_ADDR:8443/)" "^$seen_outside:" "from outside"
for client in lan1 srv; do
	for address in $SIDE_ADDR $MAIN_ADDR; do
		# What the server itself asks of the public address goes past us.
		[ "$client $address $1" != "srv $MAIN_ADDR main" ] || continue
		assert_match "$(http_get $client http://$address:8443/)" "^$seen_inside:" "$client, by $address"
		assert_match "$(in_ns $client ask $address:7000)" "^$seen_inside:" "$client, by $address, udp"
	done
done
for address in $SIDE_ADDR $MAIN_ADDR; do
	assert_match "$(http_get gw http://$address:8443/)" "^$SIDE_ADDR:" "we ourselves, by $address"
	assert_match "$(gw ask $address:7000)" "^$SIDE_ADDR:" "we ourselves, by $address, udp"
done
assert_match "$(inet ask $MAIN_ADDR:7000)" "^$seen_outside:" "from outside still, udp"
assert_ge "$(packets sent-hairpin)" 12 "what counts as loopback"

# By name: past us altogether where each port is the same inside and out; where one is not, the name stays public, and the way is the loopback.
assert_eq "$(ask_name lan1 $SIDE_ADDR app.example.com A)" "$SRV_ADDR" "the name inside"
assert_match "$(http_get lan1 http://app.example.com/)" "^$LAN1_ADDR:" "by name"
assert_eq "$(ask_name lan1 $SIDE_ADDR moved.example.com A)" "$MAIN_ADDR" "the name with a moved port"
assert_match "$(http_get lan1 http://moved.example.com:8443/)" "^$seen_inside:" "by that name"
assert_eq "$(ask_name inet $AUTH_ADDR app.example.com A)" "$MAIN_ADDR" "the name outside"
assert_match "$(http_get inet http://$MAIN_ADDR/)" "^$seen_outside:" "from outside where the name leads to"

# Whatever is not declared is the main router's.
assert_match "$(http_get lan1 http://$MAIN_ADDR:81/)" "^$SIDE_ADDR:" "the main router's own service, by its public address"
assert_match "$(http_get gw http://$MAIN_ADDR:81/)" "^$SIDE_ADDR:" "the same from us"
assert_eq "$(ip -o addr show to $MAIN_ADDR)" "" "the public address on this machine"
