#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# upstream_gateway.sh BUILD pcp|natpmp|igd: a gateway behind another router, one translation behind the other. Its WAN side is closed, and what it asks is answered all the same.
. "$(dirname "$0")/lab.sh"
. "$LAB_SRC/lib/bypass.sh"
. "$LAB_SRC/lib/upstream.sh"

bypass_up
LAB_ROLE=gateway
LAN_DEV=home
host_up inner gw home 192.168.12.20/24 2001:db8:12::20/64
ip addr add 192.168.12.1/24 dev home
ip -n inner route add default via 192.168.12.1
http_serve inner 443
main_miniupnpd_up "$1"
gw_conf <<-END
	lan:
	  - interface: home
	services:
	  - name: web
	    host: 192.168.12.20
	    ports: ["8443:443/tcp"]
END
hairpind_start
await_forward 8443/tcp "^mapped"
await_mappings "8443/tcp $SIDE_ADDR:8443"
assert_eq "$(http_get inet http://$MAIN_ADDR:8443/ --local-port 40001)" "$INET_ADDR:40001" "through both"
# The announcement of a restart, to a group, does not get in, and the next question finds out.
main_miniupnpd_restart
await_mappings "8443/tcp $SIDE_ADDR:8443"
hp detach
assert_eq "$(main_mappings)" "" "after detach"
