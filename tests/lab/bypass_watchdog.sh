#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What clean-up scripts and proxies that start anew take away is put back on one arm, too, while connections go on: bypass_watchdog.sh BUILD flush|stopped|iptables|redirects|proxy
#
# `proxy`: one whose rules lead what hosts send out into its device, and who starts anew. What it takes anyway is not asked for.
# `stopped`: the daemon cannot put it back for some seconds. It does not depend on luck what is on its way then.
LAB_PCAP=no
. "$(dirname "$0")/lab.sh"
. "$LAB_SRC/lib/bypass.sh"
. "$LAB_SRC/lib/proxy.sh"

bypass_up
server_gateway gw
client_gateway gw
main_forward 8443/tcp $SIDE_ADDR
main_forward 8444/tcp $SIDE_ADDR
hairpin_up <<-END
	wan: { interface: eth0, public-address: $MAIN_ADDR, map-upstream: off }
	services:
	  - { name: web, host: $SRV_ADDR, ports: ["8443:443/tcp", "8444:444/tcp"], outside-source: client }
END
if [ "$1" = proxy ]; then
	auto_route
	on_nftables && ip rule add pref 100 fwmark 0x04000000/0x04000000 lookup main
fi
http_serve srv 443
http_serve inet 80
http_files srv 3000000
http_files inet 3000000
http_serve gw 22
download forward inet http://$MAIN_ADDR:8443/slow
[ "$1" = proxy ] || download outgoing lan1 http://$INET_ADDR/slow
download loopback lan1 http://$MAIN_ADDR:8443/slow
names=(forward loopback)
[ "$1" = proxy ] || names+=(outgoing)
all_grow() {
	local name
	for name in "${names[@]}"; do
		grows $name
	done
}
all_grow

removals=1
case $1 in
flush | stopped)
	[ "$1" = flush ] || kill -STOP "${LAB_PIDS[hairpind]}"
	nft flush ruleset
	;;
iptables)
	removals=0
	iptables -t nat -F
	iptables -t mangle -F
	iptables -F
	;;
proxy)
	removals=0
	auto_route_down
	all_grow
	auto_route
	;;
redirects) sysctl -qw net.ipv4.conf.eth0.send_redirects=1 net.ipv4.conf.all.send_redirects=1 net.ipv4.conf.eth0.rp_filter=1 ;;
esac
if [ "$1" = stopped ]; then
	# Who is inside still reaches us: there is no other address by which anybody could mend it.
	assert_match "$(http_get lan1 http://$SIDE_ADDR:22/)" "^$LAN1_ADDR:" "we ourselves meanwhile"
	http_refused inet http://$MAIN_ADDR:8444/
	kill -CONT "${LAB_PIDS[hairpind]}"
fi
all_grow
[ $removals = 0 ] || wait_for 10 '[ "$(hp_json status -- .watchdog.removals)" -ge 1 ]'
assert_eq "$(sysctl -n net.ipv4.conf.all.send_redirects) $(sysctl -n net.ipv4.conf.eth0.send_redirects)" "0 0" "redirects"
wait_for 10 '[ "$(sysctl -n net.ipv4.conf.eth0.rp_filter)" = 2 ]'
for name in "${names[@]}"; do
	[ $name = outgoing ] && server=inet || server=srv
	downloaded $name $server
done

assert_match "$(http_get inet http://$MAIN_ADDR:8443/)" "^$INET_ADDR:" "from outside, anew"
assert_match "$(http_get lan1 http://$MAIN_ADDR:8443/)" "^$MAIN_ADDR:" "from inside, anew"
