#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A second public address on WAN serves the forwards too, from outside and inside, and answers come from the address that was
# asked.
# Requirements: 2.
. "$(dirname "$0")/lab.sh"

lab_up bridge
ip addr add 198.51.100.3/24 dev wan
hairpin_up < <(standard_services)
http_serve srv 443 80
echo_serve srv 7000

for address in $WAN_ADDR 198.51.100.3; do
	assert_match "$(http_get inet http://$address:8443/)" "^$INET_ADDR:" "tcp from outside to $address"
	assert_match "$(inet ask $address:7000)" "^$INET_ADDR:" "udp from outside to $address"
	assert_match "$(lan1 ask $address:7000)" "^$WAN_ADDR:" "udp from inside to $address"
	assert_match "$(http_get guest http://$address/)" "^$WAN_ADDR:" "tcp from inside to $address"
done
