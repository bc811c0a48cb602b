# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Rules of routing as a proxy on our machine has them, which lead all that hosts send out into its TUN device.

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
