#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A flow between LAN and server that does not use the public address is not translated.
. "$(dirname "$0")/lab.sh"

lab_up bridge
hairpin_up < <(standard_services)
http_serve srv 443 80
echo_serve srv 7000

assert_eq "$(http_get guest http://$SRV_ADDR:443/ --local-port 40001)" "$GUEST_ADDR:40001" "from the other segment"
assert_eq "$(guest ask -p 40001 $SRV_ADDR:7000)" "$GUEST_ADDR:40001" "udp"
assert_eq "$(hp_json show mappings -- '[.mappings[] | select(.internal | startswith("192.168.12."))] | length')" 0 \
	"mappings of that client"
