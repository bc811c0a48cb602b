#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What `hairpin export` writes for the kernel's own NAT makes a router of a machine without us: export_forwards.sh BUILD iptables|nftables
#
# From outside, from the server's segment, from another one, from the server and from the router itself; and to somebody who may not, nobody answers.
. "$(dirname "$0")/lab.sh"

cell=$1

conf() {
	standard_services
	cat <<-END
		  - name: kept
		    host: $SRV_ADDR
		    ports: [81/tcp]
		    hairpin-source: client
		  - name: closed
		    host: $SRV_ADDR
		    ports: ["8082:82/tcp"]
		    allow: [203.0.113.0/24]
		  - name: range
		    host: $SRV_ADDR
		    ports: ["9000-9003:7000-7003/udp"]
	END
}

router_make() {
	gw "$HAIRPIN" export -f "$CONF" "$cell" >"$LAB_DIR/exported"
	case $cell in
	iptables) gw sh -e "$LAB_DIR/exported" ;;
	nftables) gw sysctl -qw net.ipv4.ip_forward=1 && gw nft -f "$LAB_DIR/exported" ;;
	esac
}

rules() {
	case $cell in
	iptables) gw iptables-save | grep '^-' ;;
	nftables) gw nft list ruleset ;;
	esac
}

lab_up bridge
# As the text at the top says.
if [ -e /proc/sys/net/bridge ]; then
	gw sysctl -qw net.bridge.bridge-nf-call-iptables=0
fi
gw_conf < <(conf)
# What nearly every machine has by default, and what kills a forward that is only translated.
if [ "$cell" = iptables ]; then
	gw iptables -P FORWARD DROP
fi
router_make
assert_match "$(cat "$LAB_DIR/exported")" 'sysctl -w net.bridge.bridge-nf-call-iptables=0' "what is said of bridges"
once=$(rules)
# Again: nothing is there twice.
router_make
assert_eq "$(rules)" "$once" "the rules after a second time"

http_serve srv 443 80 81 82
echo_serve srv 7000 7002

assert_eq "$(http_get inet http://$WAN_ADDR:8443/ --local-port 40000)" "$INET_ADDR:40000" "whom the server sees from outside"
port=40001
for client in lan1 guest srv; do
	assert_eq "$(http_get "$client" http://$WAN_ADDR:8443/ --local-port $port)" "$WAN_ADDR:$port" "$client, another port"
	assert_eq "$(http_get "$client" http://$WAN_ADDR/ --local-port $((port + 1)))" "$WAN_ADDR:$((port + 1))" "$client, the same port"
	assert_eq "$(in_ns "$client" ask -p $port $WAN_ADDR:7000)" "$WAN_ADDR:$port" "$client, udp"
	port=$((port + 2))
done
assert_match "$(http_get gw http://$WAN_ADDR:8443/)" "^$WAN_ADDR:" "the router itself"
assert_eq "$(http_get guest http://$WAN_ADDR:81/ --local-port 41004)" "$GUEST_ADDR:41004" "who keeps the address from another segment"
assert_match "$(http_get lan1 http://$WAN_ADDR:81/)" "^$LAN_GW:" "who cannot, from the server's own"
assert_match "$(http_get lan1 http://$WAN_ADDR:8082/)" "^$WAN_ADDR:" "allow does not ask who is inside"
http_refused inet http://$WAN_ADDR:8082/
assert_eq "$(inet ask -p 41005 $WAN_ADDR:9002)" "$INET_ADDR:41005" "a range that moves"

# What is not for the public address goes where it is sent.
http_serve inet 80
assert_match "$(http_get lan1 http://$INET_ADDR/)" "^$WAN_ADDR:" "outwards"
