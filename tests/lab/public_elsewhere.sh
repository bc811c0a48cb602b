#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Role gateway behind another router: who goes from inside to the public address that the other one has is served as by an address of ours, and what is not declared goes out.
. "$(dirname "$0")/lab.sh"

PUBLIC_ADDR=203.0.113.77

lab_up
hairpin_up <<-END
	wan: { interface: $WAN_DEV, public-address: $PUBLIC_ADDR, stun: off }
	$(standard_services)
END
# Who has it outside; nobody there is asked for what is declared.
ip -n inet addr add $PUBLIC_ADDR/32 dev lo
http_serve srv 443 80
http_serve inet 81 80
echo_serve srv 7000

for client in lan1 srv; do
	assert_match "$(http_get $client http://$PUBLIC_ADDR:8443/)" "^$PUBLIC_ADDR:" "$client, another port"
	assert_match "$(http_get $client http://$PUBLIC_ADDR/)" "^$PUBLIC_ADDR:" "$client, the same port"
	assert_match "$(in_ns $client ask $PUBLIC_ADDR:7000)" "^$PUBLIC_ADDR:" "$client, udp"
done
assert_match "$(http_get guest http://$PUBLIC_ADDR/)" "^(192.168.12.2|$PUBLIC_ADDR):" "from another segment"
assert_match "$(http_get lan1 http://$PUBLIC_ADDR:81/)" "^$WAN_ADDR:" "what is not declared is outside"
assert_match "$(http_get lan1 http://$WAN_ADDR/)" "^($WAN_ADDR|$PUBLIC_ADDR):" "by our own address still"
assert_match "$(http_get inet http://$WAN_ADDR/)" "^$INET_ADDR:" "from outside still"
assert_eq "$(ip -o addr show to $PUBLIC_ADDR)" "" "the address on this machine"
assert_eq "$(hp_json status -- .wan.public_address)" $PUBLIC_ADDR "what status says"
