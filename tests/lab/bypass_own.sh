#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Our own programs beside hosts that have mappings at the same address: what they ask inside and outside, what they answer, and services of our own by the public address.
. "$(dirname "$0")/lab.sh"
. "$LAB_SRC/lib/bypass.sh"

bypass_up
client_gateway gw
main_forward 80/tcp $SIDE_ADDR
main_forward 8443/tcp $SIDE_ADDR
main_forward 7000/udp $SIDE_ADDR
hairpin_up <<-END
	wan: { interface: eth0, public-address: $MAIN_ADDR, map-upstream: off }
	services:
	  - { name: own, host: self, ports: [80/tcp, 7000/udp, "8443:443/tcp"] }
END
http_serve gw 80 443 2222
echo_serve gw 7000 7005
http_serve srv 82
echo_serve srv 7002
echo_serve inet 7001
http_serve main 81

# One port, on both sides at once, by us and by a host.
assert_eq "$(gw ask -t -p 40000 $SRV_ADDR:7002)" "$SIDE_ADDR:40000" "we to a neighbour"
assert_eq "$(gw ask -p 40001 $SRV_ADDR:7002)" "$SIDE_ADDR:40001" "by udp"
assert_match "$(lan1 ask -p 40001 $INET_ADDR:7001)" "^$MAIN_ADDR:" "a host outwards, from the port that we have"
assert_eq "$(gw ask -p 40001 $SRV_ADDR:7002)" "$SIDE_ADDR:40001" "we again, from the same port"
assert_match "$(gw ask -p 40002 $INET_ADDR:7001)" "^$MAIN_ADDR:" "we outwards"
gw ping -q -c 2 -W 5 $LAN_GW
gw ping -q -c 2 -W 5 $INET_ADDR

# Who is inside uses us as any machine: declared or not.
assert_match "$(http_get lan1 http://$SIDE_ADDR:2222/)" "^$LAN1_ADDR:" "a program of ours"
assert_match "$(lan1 ask $SIDE_ADDR:7005)" "^$LAN1_ADDR:" "by udp"
http_refused inet http://$MAIN_ADDR:2222/
# By the public address what is declared, though no address of ours.
for address in $SIDE_ADDR $MAIN_ADDR; do
	assert_match "$(http_get lan1 http://$address/)" "^$LAN1_ADDR:" "a service of ours by $address"
	assert_match "$(http_get lan1 http://$address:8443/)" "^$LAN1_ADDR:" "at another port by $address"
	assert_match "$(lan1 ask $address:7000)" "^$LAN1_ADDR:" "by udp, by $address"
	assert_match "$(http_get gw http://$address/)" "." "by ourselves, by $address"
	assert_match "$(http_get gw http://$address:8443/)" "." "by ourselves, at another port, by $address"
	assert_match "$(gw ask $address:7000)" "." "by ourselves, by udp, by $address"
done
assert_match "$(http_get lan1 http://$MAIN_ADDR:81/)" "." "what is not declared is the main router's"
assert_eq "$(ip -o addr show to $MAIN_ADDR)" "" "the public address on this machine"
assert_match "$(http_get inet http://$MAIN_ADDR/)" "^$INET_ADDR:" "from outside"
assert_match "$(http_get inet http://$MAIN_ADDR:8443/)" "^$INET_ADDR:" "from outside, at another port"
assert_eq "$(inet ask -p 40003 $MAIN_ADDR:7000)" "$INET_ADDR:40003" "from outside, by udp"
