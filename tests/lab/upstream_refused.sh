#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# upstream_refused.sh BUILD pcp|natpmp|igd: a port that the main router does not give, in its own words; and one that another host has already, which keeps it and is named where
# the router has a list.
. "$(dirname "$0")/lab.sh"
. "$LAB_SRC/lib/bypass.sh"
. "$LAB_SRC/lib/upstream.sh"

# By NAT-PMP, as a television would: TCP port 8080 of the main router to lan1, for an hour.
lan1_maps() {
	printf '\0\2\0\0\37\220\37\220\0\0\16\20' | in_ns lan1 socat -t 1 - "UDP:$LAN_GW:5351" >/dev/null
}

bypass_up
main_miniupnpd_up "deny 8443 192.168.11.0/24 0-65535"
lan1_maps
taken="8080/tcp 192.168.11.2:8080"
await_mappings "$taken"
case $1 in
igd) main_silent natpmp pcp ;;
pcp) main_silent natpmp ;;
natpmp) main_silent pcp ;;
esac
gw_conf <<-END
	services:
	  - name: web
	    host: $SRV_ADDR
	    ports: [8443/tcp, 8080/tcp, 7000/udp]
END
hairpind_start
await_forward 7000/udp "^mapped"
case $1 in
igd)
	await_forward 8443/tcp "^refused upnp"
	await_forward 8080/tcp "^conflict upnp 192.168.11.2:8080"
	;;
pcp)
	await_forward 8443/tcp "^refused pcp this port cannot be had$"
	await_forward 8080/tcp "^conflict pcp 192.168.11.2:8080"
	;;
natpmp)
	# The protocol cannot ask for one port and no other: what is given instead goes back.
	await_forward 8443/tcp "^other-port nat-pmp$"
	await_forward 8080/tcp "^conflict nat-pmp 192.168.11.2:8080"
	;;
esac
await_mappings "$(printf '%s\n' "7000/udp $SIDE_ADDR:7000" "$taken")"
assert_match "$(upstream '.entries[] | "\(.external_port)/\(.proto) \(.client)"' | sort -r)" "^8080/tcp 192.168.11.2" "its list"
assert_match "$(upstream '.peers[] | select(.protocol == "upnp") | .name')" "[Mm]ini[Uu][Pp]n[Pp]|router" "its name"
