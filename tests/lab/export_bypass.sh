#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What `hairpin export` writes makes a bypass router of a machine in the LAN, behind a main router that forwards to it: export_bypass.sh BUILD iptables|nftables
#
#     inet ── gw (main: masquerade, forwards to side, no loopback) ── side, lan1, srv
#
# The server's default gateway is the main router first, and the bypass router then: with that the server sees who comes from outside.
. "$(dirname "$0")/lab.sh"

cell=$1
SIDE_ADDR=192.168.11.3

side() { in_ns side "$@"; }

PUBLIC=""
side_conf() { # [MORE OF EACH SERVICE]
	cat <<-END
		role: bypass
		wan: { interface: eth0${PUBLIC:+, public-address: $PUBLIC} }
		lan: [{ interface: eth0 }]
		services:
		  - { name: web, host: $SRV_ADDR, ports: [80/tcp, "8443:443/tcp"]$1 }
		  - { name: udp, host: $SRV_ADDR, ports: [7000/udp]$1 }
		  - { name: closed, host: $SRV_ADDR, ports: ["8082:82/tcp"], allow: [203.0.113.0/24]$1 }
	END
}

side_load() {
	side_conf "$@" >"$LAB_DIR/side.yaml"
	side "$HAIRPIN" export "$cell" "$LAB_DIR/side.yaml" >"$LAB_DIR/exported"
	case $cell in
	iptables) side sh -e "$LAB_DIR/exported" ;;
	nftables)
		side sysctl -qw net.ipv4.ip_forward=1 net.ipv4.conf.all.send_redirects=0 net.ipv4.conf.eth0.send_redirects=0
		side nft -f "$LAB_DIR/exported"
		;;
	esac
}

lab_up plain
gw sysctl -qw net.ipv4.ip_forward=1
host_up side sw side $SIDE_ADDR/24 2001:db8:11::3/64
ip -n sw link set side master br0
ip -n side route add default via $LAN_GW
gw nft -f - <<-END
	table ip main {
		chain pre {
			type nat hook prerouting priority dstnat
			iifname wan ip daddr $WAN_ADDR tcp dport { 80, 8443, 8082 } dnat to $SIDE_ADDR
			iifname wan ip daddr $WAN_ADDR udp dport 7000 dnat to $SIDE_ADDR
		}
		chain post {
			type nat hook postrouting priority srcnat
			oifname wan masquerade
		}
	}
END
side_load ""
http_serve srv 443 80 82
echo_serve srv 7000
echo_serve inet 7001

# The server answers the main router: only what comes with the bypass router's address finds its way back.
assert_match "$(http_get inet http://$WAN_ADDR:8443/)" "^$SIDE_ADDR:" "from outside, another port"
assert_match "$(http_get inet http://$WAN_ADDR/)" "^$SIDE_ADDR:" "from outside, the same port"
assert_match "$(inet ask $WAN_ADDR:7000)" "^$SIDE_ADDR:" "from outside, udp"
for client in lan1 srv; do
	assert_match "$(http_get $client http://$SIDE_ADDR:8443/)" "^$SIDE_ADDR:" "$client, from inside"
	assert_match "$(in_ns $client ask $SIDE_ADDR:7000)" "^$SIDE_ADDR:" "$client, udp"
done
assert_match "$(http_get side http://$SIDE_ADDR:8443/)" "^$SIDE_ADDR:" "the bypass router itself"
http_refused inet http://$WAN_ADDR:8082/
assert_match "$(http_get inet http://$WAN_ADDR:8082/ --interface $INET_FAR)" "^$SIDE_ADDR:" "who may"
assert_match "$(http_get lan1 http://$SIDE_ADDR:8082/)" "^$SIDE_ADDR:" "allow does not ask who is inside"

# Now as the text at the top says.
ip -n srv route replace default via $SIDE_ADDR
side_load ", outside-source: client"
assert_eq "$(http_get inet http://$WAN_ADDR:8443/ --local-port 40001)" "$INET_ADDR:40001" "the server sees who comes from outside"
assert_eq "$(inet ask -p 40002 $WAN_ADDR:7000)" "$INET_ADDR:40002" "the same by udp"
assert_match "$(http_get lan1 http://$SIDE_ADDR:8443/)" "^$SIDE_ADDR:" "from inside still"

# A host that has it as its gateway goes out through it, and with its address: the main router's answers come back through it, too.
ip -n lan1 route replace default via $SIDE_ADDR
capture_start side side eth0
assert_match "$(lan1 ask -t $INET_ADDR:7001)" "^$WAN_ADDR:" "outwards"
wait_for 10 '[ "$(captured side "src $SIDE_ADDR and dst $INET_ADDR")" -ge 3 ]'
capture_stop side
assert_ge "$(captured side "src $SIDE_ADDR and dst $INET_ADDR")" 3 "what it sends on in its own name"
assert_ge "$(captured side "src $INET_ADDR and dst $LAN1_ADDR")" 2 "what it hands back"
assert_eq "$(captured side "ether src $(ip -n side -j link show eth0 | jq -r '.[0].address') and src $LAN1_ADDR")" 0 "what it sends on as it came"

# Who asks for the public address, which the main router has and cannot loop back, is served where it comes by here: told with the address in the configuration.
has -F "say \`wan.public-address: ADDRESS\`" <"$LAB_DIR/exported"
http_refused lan1 http://$WAN_ADDR:8443/
PUBLIC=$WAN_ADDR
side_load ", outside-source: client"
has -F "serve who goes from inside to $WAN_ADDR where the default gateway is the main router" <"$LAB_DIR/exported"
for client in lan1 srv side; do
	assert_match "$(http_get $client http://$WAN_ADDR:8443/)" "^$WAN_ADDR:" "$client, by the public address"
	assert_match "$(in_ns $client ask $WAN_ADDR:7000)" "^$WAN_ADDR:" "$client, by the public address, udp"
done
assert_match "$(http_get lan1 http://$WAN_ADDR:8082/)" "^$WAN_ADDR:" "allow does not ask who is inside, by the public address"
assert_eq "$(http_get inet http://$WAN_ADDR:8443/ --local-port 40003)" "$INET_ADDR:40003" "from outside at the same time"
http_serve gw 9000
assert_match "$(http_get lan1 http://$WAN_ADDR:9000/)" "^$SIDE_ADDR:" "a port of which nothing is declared is the main router's"

# Where the server does not answer by it, its own address instead.
ip -n srv route replace default via $LAN_GW
side_load ""
assert_match "$(http_get lan1 http://$WAN_ADDR:8443/)" "^$SIDE_ADDR:" "by the public address, to a server with another gateway"
