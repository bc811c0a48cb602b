#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# From outside through two routers: the server, whose gateway we are, sees who it is, and its log says so. Nobody has to say whose gateway it is.
. "$(dirname "$0")/lab.sh"
. "$LAB_SRC/lib/bypass.sh"

outside() { # SERVICE KEY
	hp_json show services -- ".services[] | select(.name == \"$1\").outside_source.$2"
}

bypass_up
server_gateway gw
for forward in 8443/tcp 7000/udp 8082/tcp 2222/tcp; do
	main_forward "$forward" $SIDE_ADDR
done
hairpin_up <<-END
	services:
	  - { name: web, host: $SRV_ADDR, ports: ["8443:443/tcp"] }
	  - { name: udp, host: $SRV_ADDR, ports: [7000/udp] }
	  - { name: few, host: $SRV_ADDR, ports: ["8082:82/tcp"], allow: [$INET_FAR/32], outside-source: client }
END
http_serve srv 443 82
http_serve gw 2222
echo_serve srv 7000
wait_for 30 '[ "$(outside web source)$(outside udp source)" = clientclient ]'
assert_eq "$(outside web proof) $(outside udp proof)" "proved proved" "by what"
assert_match "$(hp status)" "web +themselves: its default gateway is this machine \(proved" "status says so"
assert_match "$(hp status)" "few +themselves: said by outside-source" "and who says it otherwise"

capture_start seen srv eth0
assert_eq "$(http_get inet http://$MAIN_ADDR:8443/ --local-port 40000)" "$INET_ADDR:40000" "the server sees who comes from outside"
wait_for 10 'grep -q "^$INET_ADDR:40000 $SRV_ADDR:443 /$" "$LAB_DIR/srv.access.log"'
assert_eq "$(wc -l <"$LAB_DIR/srv.access.log")" 1 "and nobody else, by its log"
assert_eq "$(inet ask -p 40001 $MAIN_ADDR:7000)" "$INET_ADDR:40001" "by udp, too"
# By us, both ways: the frames of the main router are none of the server's.
wait_for 10 '[ "$(captured seen "ether src $(mac_of gw) and src $INET_ADDR and udp dst port 7000")" = 1 ]'
assert_eq "$(captured seen "src $INET_ADDR and not ether src $(mac_of gw)")" 0 "what came past us"
assert_eq "$(captured seen "dst $INET_ADDR and not ether dst $(mac_of gw)")" 0 "what was answered past us"

http_refused inet http://$MAIN_ADDR:8082/
assert_match "$(http_get inet http://$MAIN_ADDR:8082/ --interface $INET_FAR)" "^$INET_FAR:" "allow asks for who is outside, not for the main router"
http_refused inet http://$MAIN_ADDR:2222/
assert_eq "$(packets sent-hairpin)" 0 "what counts as loopback"
assert_ge "$(packets sent-incoming)" 4 "what counts as incoming"
