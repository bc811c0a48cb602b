#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# 10,000 forwards are elements of a map: a packet meets as many rules as with one, and the first and the last of them work.
. "$(dirname "$0")/lab.sh"

conf() {
	gw_conf <<-END
		nat:
		  backend: nftables
		  limits: { sessions: 16384 }
		services:
		  - name: many
		    host: $SRV_ADDR
		    ports: ["$1:10000-$2/udp"]
	END
}
rules() {
	nft -t list table inet hairpin | grep -vc '^$'
}

lab_up bridge
conf 20000-20000 10000
hairpind_start
one=$(rules)
conf 20000-29999 19999
reload
assert_eq "$(rules)" "$one" "lines of the table without elements"
assert_eq "$(nft -j list map inet hairpin forwards | jq '[.nftables[].map.elem // empty | .[]] | length')" 10000 "elements"
echo_serve srv 10000
echo_serve srv 19999
for port in 20000 29999; do
	assert_eq "$(inet ask -p 5000 $WAN_ADDR:$port)" "$INET_ADDR:5000" "from outside to $port"
	assert_eq "$(lan1 ask -p 5001 $WAN_ADDR:$port)" "$WAN_ADDR:5001" "around to $port"
done
conf 20000-20000 10000
reload
refute inet ask -p 5002 -w 300 $WAN_ADDR:29999
