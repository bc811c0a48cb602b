#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# From outside to a server whose gateway is the main router: its answer finds us only by our address. Where nobody says so, that is seen; `status` tells it and why.
. "$(dirname "$0")/lab.sh"
. "$LAB_SRC/lib/bypass.sh"

outside() { # SERVICE KEY
	hp_json show services -- ".services[] | select(.name == \"$1\").outside_source.$2"
}

bypass_up
main_forward 8443/tcp $SIDE_ADDR
main_forward 7000/udp $SIDE_ADDR
main_forward 8444/tcp $SIDE_ADDR
hairpin_up <<-END
	services:
	  - { name: web, host: $SRV_ADDR, ports: ["8443:443/tcp", 80/tcp] }
	  - { name: udp, host: $SRV_ADDR, ports: [7000/udp] }
	  - { name: said, host: $SRV_ADDR, ports: ["8444:443/tcp"], outside-source: gateway }
END
http_serve srv 443
echo_serve srv 7000

# From the first moment on, before anything is known.
assert_match "$(http_get inet http://$MAIN_ADDR:8443/)" "^$SIDE_ADDR:" "by another port"
assert_match "$(inet ask $MAIN_ADDR:7000)" "^$SIDE_ADDR:" "by udp"
wait_for 30 '[ "$(outside web proof) $(outside udp proof)" = "elsewhere elsewhere" ]'
assert_eq "$(outside web source) $(outside udp source) $(outside said source)" "gateway gateway gateway" "the sources"
assert_match "$(hp status)" "web +$SIDE_ADDR: its default gateway is another machine" "status says so"
assert_match "$(hp status)" "udp +$SIDE_ADDR: its default gateway is another machine" "of each"
assert_match "$(hp status)" "said +$SIDE_ADDR: said by outside-source" "and who says it otherwise"

assert_match "$(inet ask $MAIN_ADDR:7000)" "^$SIDE_ADDR:" "by udp"
assert_match "$(http_get inet http://$MAIN_ADDR:8444/)" "^$SIDE_ADDR:" "as was said"
# Two of outside with one port have two of ours.
assert_match "$(http_get inet http://$MAIN_ADDR:8443/ --local-port 40000)" "^$SIDE_ADDR:" "one"
assert_match "$(http_get inet http://$MAIN_ADDR:8443/ --local-port 40000 --interface $INET_FAR)" "^$SIDE_ADDR:" "and another one"
wait_for 10 '[ "$(grep -c "^$SIDE_ADDR:[0-9]* $SRV_ADDR:443 /$" "$LAB_DIR/srv.access.log")" = 4 ]'
assert_eq "$(grep -vc "^$SIDE_ADDR:" "$LAB_DIR/srv.access.log")" 0 "its log knows nobody else"
assert_ge "$(packets sent-incoming)" 8 "what counts as incoming"
