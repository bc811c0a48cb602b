#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# upstream_map.sh BUILD pcp|natpmp|igd: the main router is asked to forward, by whichever protocol it speaks, and who comes from outside reaches the server as himself.
# A reload asks for the difference and nothing else; detach takes all away.
. "$(dirname "$0")/lab.sh"
. "$LAB_SRC/lib/bypass.sh"
. "$LAB_SRC/lib/upstream.sh"

declare -A NAMES=([pcp]=pcp [natpmp]=nat-pmp [igd]=upnp)
name=${NAMES[$1]}

bypass_up
http_serve srv 443
echo_serve srv 7000
server_gateway gw
main_miniupnpd_up "$1"
gw_conf <<-END
	services:
	  - name: web
	    host: $SRV_ADDR
	    ports: ["8443:443/tcp"]
	    outside-source: client
	  - name: echo
	    host: $SRV_ADDR
	    ports: [7000/udp]
	    outside-source: client
END
hairpind_start
await_forward 8443/tcp "^mapped $name$"
await_forward 7000/udp "^mapped $name$"
assert_eq "$(main_mappings | sort)" "$(printf '%s\n' "7000/udp $SIDE_ADDR:7000" "8443/tcp $SIDE_ADDR:8443")" "what the main router has"
assert_eq "$(upstream .protocol)" "$name" "the protocol"
assert_eq "$(upstream ".peers[] | select(.protocol == \"$name\") | .external")" "$MAIN_ADDR" "the public address"
assert_eq "$(http_get inet http://$MAIN_ADDR:8443/ --local-port 40001)" "$INET_ADDR:40001" "who comes in by tcp"
assert_match "$(inet ask $MAIN_ADDR:7000)" "^$INET_ADDR:" "who comes in by udp"

sed -i 's/7000/7001:7000/' "$CONF"
hp reload
await_mappings "$(printf '%s\n' "7001/udp $SIDE_ADDR:7001" "8443/tcp $SIDE_ADDR:8443")"
assert_match "$(inet ask $MAIN_ADDR:7001)" "^$INET_ADDR:" "what is new"

hp detach
assert_eq "$(main_mappings)" "" "after detach"
