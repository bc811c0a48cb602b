#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Which source the server sees: hairpin_source.sh BUILD client|gateway lan1|guest
#
# `client` keeps the client's own address where its segment is not the server's; `gateway` shows the gateway's address on the
# server's segment.
. "$(dirname "$0")/lab.sh"

source=$1 client=$2
lab_up bridge
hairpin_up <<END
services:
  - name: chosen
    host: $SRV_ADDR
    ports: ["8443:443/tcp", 7000/udp]
    hairpin-source: $source
  - name: other
    host: $SRV_ADDR
    ports: [80/tcp]
END
http_serve srv 443 80
echo_serve srv 7000

# Between hosts of one segment the client's own address would make the server answer past the gateway.
case $source-$client in
client-guest) seen=$GUEST_ADDR:40001 ;;
client-lan1) seen=$WAN_ADDR:40001 ;;
gateway-*) seen=$LAN_GW ;;
esac
assert_match "$(http_get "$client" http://$WAN_ADDR:8443/ --local-port 40001)" "^${seen//./\\.}(:[0-9]+)?$" "tcp"
assert_match "$(in_ns "$client" ask -p 40001 $WAN_ADDR:7000)" "^${seen//./\\.}(:[0-9]+)?$" "udp"
assert_eq "$(http_get "$client" http://$WAN_ADDR/ --local-port 40002)" "$WAN_ADDR:40002" "a service that did not ask for it"
assert_match "$(http_get inet http://$WAN_ADDR:8443/)" "^$INET_ADDR:" "from outside the client's address stays"
