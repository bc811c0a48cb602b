#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The rustdesk preset forwards its four ports, from outside and through the loopback, and nothing beside them.
. "$(dirname "$0")/lab.sh"

lab_up bridge
hairpin_up <<END
services:
  - name: rustdesk
    domain: rustdesk.example.com
    host: $SRV_ADDR
    preset: rustdesk
END
echo_serve srv 21115 21116 21117 21118
for ns in inet lan1 guest srv; do
	seen=$WAN_ADDR
	[ $ns != inet ] || seen=$INET_ADDR
	for port in 21115 21116 21117; do
		assert_match "$(in_ns $ns ask -t $WAN_ADDR:$port)" "^$seen:" "tcp $port from $ns"
	done
	assert_match "$(in_ns $ns ask $WAN_ADDR:21116)" "^$seen:" "udp 21116 from $ns"
done
refute inet ask -w 300 $WAN_ADDR:21117
refute inet ask -t -w 300 $WAN_ADDR:21118
