#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A LAN host's connection leaves with the public address and, while it is free, its own port.
. "$(dirname "$0")/lab.sh"

lab_up bridge
hairpin_up </dev/null
http_serve inet 80
http_files inet 1000000

assert_eq "$(http_get lan1 http://$INET_ADDR/ --local-port 40001)" "$WAN_ADDR:40001" "beside the gateway"
assert_eq "$(http_get guest http://$INET_FAR/ --local-port 40002)" "$WAN_ADDR:40002" "behind the provider"
download big lan1 http://$INET_ADDR/big
downloaded big inet
