# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Rules of routing as a proxy on our machine has them, which lead all that hosts send out into its TUN device.

# tunnel_up: a LAN (bypass.sh) whose server and client go out by us, and a tunnel beside us that table 200 leads into and nobody reads from. The main router forwards
# to us and, past us, to the server. Which rule of routing looks into the table is the test's to say.
tunnel_up() {
	bypass_up
	server_gateway gw
	client_gateway gw
	main_forward 8443/tcp $SIDE_ADDR
	main_forward 7000/udp $SIDE_ADDR
	main_forward 443/tcp $SRV_ADDR
	main_forward 7001/udp $SRV_ADDR
	ip tuntap add dev tunnel mode tun
	ip addr add 198.18.0.1/30 dev tunnel
	ip link set tunnel up
	ip route add default dev tunnel table 200
}

# tunnel_service: the service behind these forwards, for the configuration.
tunnel_service() {
	cat <<-END
		services:
		  - { name: web, host: $SRV_ADDR, ports: ["8443:443/tcp", 443/tcp, 7000/udp, 7001/udp], outside-source: client }
	END
}

# tunnel_serve: what is behind it, and a page outside.
tunnel_serve() {
	http_serve srv 443
	http_files srv 400000
	http_serve inet 81
	echo_serve srv 7000 7001
}

# reached_from_outside: each forward answers who comes from outside, who is seen as himself, and large answers come through.
reached_from_outside() {
	local port
	assert_eq "$(http_get inet http://$MAIN_ADDR:8443/ --local-port 40000)" "$INET_ADDR:40000" "by us"
	assert_eq "$(inet ask -p 40001 $MAIN_ADDR:7000)" "$INET_ADDR:40001" "by us, udp"
	assert_eq "$(http_get inet http://$MAIN_ADDR:443/ --local-port 40002)" "$INET_ADDR:40002" "past us"
	assert_eq "$(inet ask -p 40003 $MAIN_ADDR:7001)" "$INET_ADDR:40003" "past us, udp"
	assert_eq "$(inet ask -p 40003 $MAIN_ADDR:7001)" "$INET_ADDR:40003" "past us, udp, a second time"
	for port in 443 8443; do
		download big inet http://$MAIN_ADDR:$port/big
		downloaded big srv
	done
}

tun_up() {
	gw ip tuntap add tun0 mode tun
	gw ip link set tun0 up
	gw ip addr add 198.18.0.1/30 dev tun0
	gw ip route add default dev tun0 table 2022
}

auto_route() {
	local rule
	tun_up
	while read -r rule; do
		# shellcheck disable=SC2086 # words
		gw ip rule add $rule
	done <<-END
		pref 9000 to 198.18.0.0/30 lookup 2022
		pref 9001 ipproto icmp goto 9010
		pref 9002 not dport 53 lookup main suppress_prefixlength 0
		pref 9002 iif tun0 goto 9010
		pref 9003 not iif lo lookup 2022
		pref 9003 from 0.0.0.0 iif lo lookup 2022
		pref 9003 from 198.18.0.1 iif lo lookup 2022
		pref 9010 nop
	END
}

# As its unit's stop, with what such scripts clean up beside.
auto_route_down() {
	local pref
	gw iptables -t nat -F
	gw iptables -t mangle -F
	for pref in 9000 9001 9002 9003 9010; do
		while gw ip rule del pref $pref 2>/dev/null; do :; done
	done
	gw ip route flush table 2022
	gw ip link del tun0
}
