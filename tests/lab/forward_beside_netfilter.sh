#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# With bridge-nf-call-iptables set back to 1, a rule that drops what conntrack calls invalid, and a dropping FORWARD policy,
# forwards and outgoing connections still work, under nat.ignore-netfilter: forward_beside_netfilter.sh BUILD bridge|plain
. "$(dirname "$0")/lab.sh"

lab_up "$1"
beside_netfilter
http_serve srv 443 80
echo_serve srv 7000
http_serve inet 80
http_files inet 1000000
echo_serve gw 7002

assert_eq "$(http_get inet http://$WAN_ADDR:8443/ --local-port 40001)" "$INET_ADDR:40001" "forward, tcp"
assert_eq "$(inet ask -p 40001 $WAN_ADDR:7000)" "$INET_ADDR:40001" "forward, udp"
for client in lan1 guest; do
	assert_match "$(http_get $client http://$INET_ADDR/)" "^$WAN_ADDR:" "outgoing from $client"
	download "file-$client" $client http://$INET_ADDR/big
	downloaded "file-$client" inet
done

# The gateway's own services still have their connections tracked: who filters its input by state sees them.
nft -f - <<<'table inet mine { chain input { type filter hook input priority 0; policy accept; iifname "'$LAN_DEV'" ct state untracked drop; }; }'
lan1 ask -t $LAN_GW:7002
lan1 ask $LAN_GW:7002
