#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# `hairpin detach` leaves a machine of one arm as it was before: rules, filters and settings.
. "$(dirname "$0")/lab.sh"
. "$LAB_SRC/lib/bypass.sh"

snapshot() {
	tc qdisc show dev eth0
	tc filter show dev eth0 ingress 2>&1
	tc filter show dev eth0 egress 2>&1
	nft list ruleset
	sysctl -a --pattern '^net\.(ipv4\.(ip_|icmp|conf)|ipv6\.conf|bridge)' 2>/dev/null | grep -v 'stable_secret'
	ip -o addr
	ip rule
}

bypass_up
server_gateway gw
main_forward 8443/tcp $SIDE_ADDR
http_serve srv 443
snapshot >"$LAB_DIR/before.txt"
hairpin_up <<-END
	services:
	  - { name: web, host: $SRV_ADDR, ports: ["8443:443/tcp"], outside-source: client }
END
assert_match "$(http_get inet http://$MAIN_ADDR:8443/)" "^$INET_ADDR:" "from outside"
for name in all eth0; do
	assert_eq "$(sysctl -n net.ipv4.conf.$name.send_redirects)" 0 "redirects of $name"
done
# The kernel takes the larger one.
assert_eq "$(sysctl -n net.ipv4.conf.eth0.rp_filter)" 2 "the check of sources"

hp detach
finished hairpind
snapshot >"$LAB_DIR/after.txt"
diff -u "$LAB_DIR/before.txt" "$LAB_DIR/after.txt"
http_refused inet http://$MAIN_ADDR:8443/
