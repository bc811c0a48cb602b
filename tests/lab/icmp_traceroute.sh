#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# traceroute and tracepath through the gateway, out, in and around by the public address: each hop says its name, in every protocol. A router
# with a private address outside is heard; one inside speaks in the name of the public address.
# Requirements: 16, 17, 40, 41, 43, 44, 46.
. "$(dirname "$0")/lab.sh"

lab_up bridge
beyond_up 1300
deep_up 1500
hairpin_up <<END
services:
  - name: web
    host: $SRV_ADDR
    ports: ["8443:443/tcp"]
  - name: deep
    host: $DEEP_ADDR
    ports: ["8444:443/tcp"]
END
http_serve srv 443
http_serve deep 443

# hops NS OPTION... DESTINATION: the names, one after the other.
hops() {
	in_ns "$1" traceroute -n -q 1 -w $((2 * LAB_TIME_FACTOR)) "${@:2}" | awk 'NR > 1 { printf "%s ", $2 }'
}
OUT="$INET_ADDR 10.20.30.2 $FAR_ADDR "
for method in -U -I -T; do
	assert_eq "$(hops lan1 $method $FAR_ADDR)" "$LAN_GW $OUT" "traceroute $method from a LAN"
done
assert_eq "$(hops guest -U $FAR_ADDR)" "$GUEST_GW $OUT" "from the second segment"
assert_eq "$(hops deep -I $FAR_ADDR)" "192.168.20.1 $LAN_GW $OUT" "from behind a router"
assert_eq "$(hops gw -U $FAR_ADDR)" "$OUT" "from the gateway"
assert_eq "$(hops far -T -p 8443 $WAN_ADDR)" "203.0.113.65 10.20.30.1 $WAN_ADDR $WAN_ADDR " "to a forward: the gateway, its host"
assert_eq "$(hops far -T -p 8444 $WAN_ADDR)" "203.0.113.65 10.20.30.1 $WAN_ADDR $WAN_ADDR $WAN_ADDR " "the gateway, a router, its host"
# Conntrack translates also what the gateway itself says of a translated flow.
gateway=$GUEST_GW
! on_nftables || gateway=$WAN_ADDR
assert_eq "$(hops guest -T -p 8443 $WAN_ADDR)" "$gateway $WAN_ADDR " "around by the public address"
assert_eq "$(hops guest -T -p 8444 $WAN_ADDR)" "$gateway $WAN_ADDR $WAN_ADDR " "around, through a router"

lan1 tracepath -n $FAR_ADDR | has "pmtu 1300 hops 4"
