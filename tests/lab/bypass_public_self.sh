#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Services of this machine itself (host: self), asked for at the public address that the main router has: from inside, from here, from outside by the main router's forward.
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
	  - { name: page, host: self, ports: [80/tcp, 7000/udp] }
	  - { name: moved, host: self, ports: ["8443:443/tcp"] }
END
http_serve gw 80 443
http_serve main 81
echo_serve gw 7000

for url in http://$MAIN_ADDR/ http://$MAIN_ADDR:8443/ http://$SIDE_ADDR/ http://$SIDE_ADDR:8443/; do
	assert_match "$(http_get lan1 $url)" "^$LAN1_ADDR:" "$url from inside"
	assert_match "$(http_get gw $url)" "." "$url from here"
done
assert_eq "$(lan1 ask -p 40000 $MAIN_ADDR:7000)" "$LAN1_ADDR:40000" "datagrams from inside"
assert_match "$(gw ask $MAIN_ADDR:7000)" "." "datagrams from here"
assert_match "$(http_get inet http://$MAIN_ADDR/)" "^$INET_ADDR:" "from outside"
assert_match "$(http_get inet http://$MAIN_ADDR:8443/)" "^$INET_ADDR:" "from outside, at a port that is another here"
assert_eq "$(inet ask -p 40001 $MAIN_ADDR:7000)" "$INET_ADDR:40001" "datagrams from outside"

assert_match "$(http_get lan1 http://$MAIN_ADDR:81/)" "." "what is not declared is the main router's"
assert_eq "$(ip -o addr show to $MAIN_ADDR)" "" "the public address on this machine"
