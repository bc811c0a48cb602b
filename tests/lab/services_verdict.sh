#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The verdict on a service is that of now: each thing that keeps people from it is named, and goes when it has gone.
. "$(dirname "$0")/lab.sh"

lab_up plain
hairpin_up <<END
services:
  - name: web
    host: $SRV_ADDR
    ports: [80/tcp]
  - name: pinhole
    host6: $SRV_ADDR6
    ports: [81/tcp]
END
verdict() { # SERVICE
	hp_json show services -- ".services[] | select(.name == \"$1\") | .verdict + \" \" + (.reason // \"\")"
}
both() { # WEB PINHOLE
	wait_for 5 "[[ \"\$(verdict web)\" =~ '$1' && \"\$(verdict pinhole)\" =~ '$2' ]]"
}
both serving serving
ip addr del $WAN_ADDR/24 dev wan
both "no WAN address" serving
ip addr add $WAN_ADDR/24 dev wan
both serving serving
ip -n inet link set eth0 down
both "WAN interface has no carrier" "WAN interface has no carrier"
ip link set wan down
both "WAN interface is down" "WAN interface is down"
ip link set wan up
ip -n inet link set eth0 up
both serving serving
ip -n sw link set uplink down
both "LAN interface of the host has no carrier" "LAN interface of the host has no carrier"
ip link set lan0 down
both "LAN interface of the host is down" "LAN" # which has no IPv6 network then
ip link set lan0 up
ip addr add $LAN_GW6/64 dev lan0 nodad
ip -n sw link set uplink up
both serving serving
ip -n srv link set eth0 down
# Asked in each round: the kernel forgets a host that did not answer whenever it tidies its table of neighbours, which may be at once.
silent() {
	! ping -c 1 -W 5 $SRV_ADDR >/dev/null && [[ $(verdict web) =~ "host does not answer" && $(verdict pinhole) =~ serving ]]
}
wait_for 20 silent
ip link del wan
both "WAN interface is not there" "WAN interface is not there"
