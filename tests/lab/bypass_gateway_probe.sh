#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Whose default gateway this machine is decides, server by server, as whom outside clients come to it.
. "$(dirname "$0")/lab.sh"
. "$LAB_SRC/lib/bypass.sh"

# outside KEY: of the service web.
outside() {
	hp_json show services -- ".services[0].outside_source.$1"
}

# Both protocols; what `status` says is what happens.
seen_as() { # ADDRESS
	assert_match "$(http_get inet http://$MAIN_ADDR:8443/)" "^$1:" "whom the server sees"
	assert_match "$(inet ask $MAIN_ADDR:7000)" "^$1:" "whom it sees by udp"
}

bypass_up
main_forward 7001/tcp $SIDE_ADDR
main_forward 8443/tcp $SIDE_ADDR
main_forward 7000/udp $SIDE_ADDR
http_serve srv 443
echo_serve srv 7000
conn_serve srv 7001
hairpin_up < <(
	standard_services
	echo "  - { name: lasting, host: $SRV_ADDR, ports: [7001/tcp] }"
)

# Its gateway is the main router: what came with a client's own address would be answered past us.
wait_for 30 '[ "$(outside proof)" = elsewhere ]'
assert_eq "$(outside source)" gateway "the source that it sees"
assert_eq "$(outside address)" $SIDE_ADDR "which is ours"
assert_match "$(hp status)" "web +$SIDE_ADDR: its default gateway is another machine" "status says so"
assert_match "$(hp show services)" "outside clients come as $SIDE_ADDR: its default gateway is another machine" "show services too"
seen_as $SIDE_ADDR
conn_open before inet $MAIN_ADDR:7001
conn_lives before one

# From us, by the ARP of the kernel, to the server alone; what comes back goes where the server sends everything that is outside.
assert_eq "$(hp_json status -- .gateway_probe.servers)" 1 "three services, one server"
assert_eq "$(hp_json show facts -- '.answering | length')" 0 "nothing is proved"

server_gateway gw
wait_for 20 '[ "$(outside source)" = client ]'
assert_eq "$(outside proof)" proved "it is us now"
assert_match "$(hp status)" "web +themselves: its default gateway is this machine \(proved [0-9]+s ago\)" "status says so"
assert_eq "$(hp_json show facts -- '.answering[0]')" $SRV_ADDR "a fact"
seen_as $INET_ADDR
conn_lives before "goes on as it began"
conn_open behind inet $MAIN_ADDR:7001
conn_lives behind one

# A lost answer or two change nothing.
srv nft -f - <<-END
	table ip deaf {
		chain input {
			type filter hook input priority filter
			ip saddr 192.0.2.213 quota until 100 bytes drop comment "two of 44"
		}
	}
END
wait_for 30 '[ "$(outside proof)" = doubted ]'
wait_for 30 '[ "$(outside proof)" = proved ]'
assert_eq "$(grep -c 'default gateway of' "$LAB_DIR/hairpind.log")" 2 "elsewhere, then us, and nothing since"

# A firewall that drops ping: nothing can be proved, and nobody is shut out for it.
srv nft 'flush chain ip deaf input; add rule ip deaf input icmp type echo-request drop'
wait_for 40 '[ "$(outside source)" = gateway ]'
wait_for 40 '[ "$(outside proof)" = silent ]'
assert_match "$(outside why)" "not proved: it does not answer echo requests" "why"
seen_as $SIDE_ADDR
conn_lives behind "goes on as it began"
conn_open silent inet $MAIN_ADDR:7001
conn_lives silent one
srv nft delete table ip deaf
wait_for 40 '[ "$(outside source)" = client ]'
seen_as $INET_ADDR

server_gateway main
wait_for 40 '[ "$(outside source)" = gateway ]'
wait_for 20 '[ "$(outside proof)" = elsewhere ]'
seen_as $SIDE_ADDR
# Those that came with our address go on through all of it. `behind` cannot: its server answers past us.
conn_lives before "still"
conn_lives silent "still"
conn_open after inet $MAIN_ADDR:7001
conn_lives after one

server_gateway gw
wait_for 40 '[ "$(outside source)" = client ]'
seen_as $INET_ADDR
conn_lives before "and again"
conn_lives after "goes on as it began"
# Nor is it lost for that: it goes on where its server answers by us again.
conn_lives behind "again"
