#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Loopback of a declared forward: hairpin_static.sh BUILD bridge|plain lan1|guest|srv
#
# A client inside uses the public address; it is answered from there, and the server sees the public address with the client's mapped
# port (RFC 4787 REQ-9 and 9a, RFC 5382 REQ-8). lan1 shares the server's segment, guest has another, srv is the server itself.
# Requirements: 11, 12, 32.
. "$(dirname "$0")/lab.sh"

layout=$1 client=$2
lab_up "$layout"
hairpin_up < <(standard_services)
http_serve srv 443 80
echo_serve srv 7000
address=$(ip -n "$client" -4 -j addr show eth0 | jq -r '.[0].addr_info[0].local')

sent=$(packets sent-hairpin)
assert_eq "$(http_get "$client" http://$WAN_ADDR:8443/ --local-port 40001)" "$WAN_ADDR:40001" "mapped port"
assert_eq "$(external_port tcp "$address" 40001)" 40001 "the client's mapping, as shown"
assert_eq "$(http_get "$client" http://$WAN_ADDR/ --local-port 40002)" "$WAN_ADDR:40002" "same port"
assert_eq "$(in_ns "$client" ask -p 40003 $WAN_ADDR:7000)" "$WAN_ADDR:40003" "udp"
assert_counted sent-hairpin "$sent" 12

# Nothing that the client sends is translated twice or copied: one request, one line in the log.
assert_eq "$(wc -l <"$LAB_DIR/srv.access.log")" 2 "requests that the server saw"
