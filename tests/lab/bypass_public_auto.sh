#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The public address as the main router says it: it serves who goes there from inside while the main router has no loopback, a change is followed, and what goes on inside goes on.
# bypass_public_auto.sh BUILD igd|natpmp
. "$(dirname "$0")/lab.sh"
. "$LAB_SRC/lib/bypass.sh"
. "$LAB_SRC/lib/public.sh"

bypass_up
client_gateway gw
server_gateway gw
main_miniupnpd_up "$1"
hairpin_up <<-END
	wan: { interface: eth0, stun: off }
	services:
	  - { name: web, host: $SRV_ADDR, ports: ["8443:443/tcp"] }
	  - { name: talk, host: $SRV_ADDR, ports: [7000/tcp] }
END
http_serve srv 443
conn_serve srv 7000

public_comes $MAIN_ADDR router
wait_for 60 '[ "$(verdict web)" = serving ]'
assert_match "$(hp status)" "public address $MAIN_ADDR \(by router\)" "status"
assert_match "$(hp status)" "8443/tcp \(web\), 7000/tcp \(talk\): the router forwards it" "what the router does"
refute grep -q EXTERNAL <(hp status)
assert_match "$(http_get inet http://$MAIN_ADDR:8443/)" "." "from outside, by what the router was asked to forward"
conn_open inside lan1 $SIDE_ADDR:7000
conn_lives inside one

main_public_change 25.11.0.7
public_comes $MAIN_ADDR router
conn_lives inside two
assert_eq "$(ip -o addr show to $MAIN_ADDR)" "" "the public address on this machine"

# A router that says nothing any more has told enough, and a start knows what was said.
main_miniupnpd_down
hairpind_stop
hairpind_start
assert_eq "$(hp_json status -- .wan.public_address)" "$MAIN_ADDR" "behind a start"
assert_match "$(http_get lan1 http://$MAIN_ADDR:8443/)" "." "the service behind a start"
conn_lives inside three
