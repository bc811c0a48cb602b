#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A client outside reaches the server's port 443 at the public address, port 8443, and the server sees that client's own
# address and port.
# Requirements: 23.
. "$(dirname "$0")/lab.sh"

lab_up bridge
hairpin_up < <(standard_services)
http_serve srv 443 80

sent=$(packets sent-incoming)
assert_eq "$(http_get inet http://$WAN_ADDR:8443/ --local-port 40001)" "$INET_ADDR:40001" "mapped port"
assert_eq "$(http_get inet http://$WAN_ADDR/ --local-port 40002)" "$INET_ADDR:40002" "same port"
assert_eq "$(http_get inet http://$WAN_ADDR:8443/ --interface $INET_FAR --local-port 40003)" "$INET_FAR:40003" \
	"a client behind the provider"
assert_counted sent-incoming "$sent" 9
