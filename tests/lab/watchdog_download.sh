#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What is ours in the kernel is taken away in the middle of downloads, is put back, counted and told with who did it; downloads go on, and
# nothing leaves with a private source: watchdog_download.sh BUILD flush|stopped|table|rule|iptables|setting|filter|qdisc
#
# `stopped`: the daemon cannot put it back for some seconds. It does not depend on luck what is on its way then.
LAB_PCAP=no
. "$(dirname "$0")/lab.sh"

lab_up bridge
hairpin_up < <(standard_services)
http_serve srv 443 80
http_serve inet 80
http_files srv 3000000
http_files inet 3000000
echo_serve gw 7004
capture_start private gw wan 'src net 192.168.0.0/16 or src net fc00::/7'

download forward inet http://$WAN_ADDR:8443/slow
download outgoing lan1 http://$INET_ADDR/slow
download loopback lan1 http://$WAN_ADDR:8443/slow
download own srv http://$WAN_ADDR:8443/slow
names=(forward outgoing loopback own)
all_grow() {
	local name
	for name in "${names[@]}"; do
		grows $name
	done
}
all_grow

removals=1 program=nft
case $1 in
flush | stopped)
	[ "$1" = flush ] || kill -STOP "${LAB_PIDS[hairpind]}"
	nft flush ruleset
	what='table inet hairpin was removed'
	;;
table)
	nft delete table inet hairpin
	what='table inet hairpin was removed'
	;;
rule)
	# What somebody puts into our table is as bad as what he takes out of it.
	nft insert rule inet hairpin forward drop
	what='table inet hairpin was changed'
	;;
iptables)
	# A clean-up script: nothing of ours is there.
	iptables -t nat -F
	iptables -F
	removals=0
	;;
setting)
	sysctl -qw net.ipv4.ip_forward=0
	what='net.ipv4.ip_forward was set to 0' program=null
	;;
filter)
	tc filter del dev "$LAN_DEV" ingress
	tc filter del dev wan ingress
	what='the tc filter of .* ingress was taken away' program=null
	;;
qdisc)
	tc qdisc del dev "$LAN_DEV" clsact
	what='the tc filter of .* ingress was taken away' program=null
	;;
esac

if [ "$1" = stopped ]; then
	# Nothing new begins, and nothing that is known ends.
	all_grow
	all_grow
	refute inet ask -w 300 $WAN_ADDR:7004
	refute lan1 ask -w 300 $INET_ADDR:80
	kill -CONT "${LAB_PIDS[hairpind]}"
fi
if [ $removals = 0 ]; then
	# Longer than what looks at everything.
	all_grow
	until_ms=$(($(now_ms) + 1500))
	wait_for 10 "[ \$(now_ms) -ge $until_ms ]"
	assert_eq "$(hp_json status -- .watchdog.removals)" 0 "removals"
else
	wait_for 10 '[ "$(hp_json status -- .watchdog.removals)" -ge 1 ]'
	wait_for 10 '[ "$(hp_json status -- .watchdog.missing)" = false ]'
	# Two filters may be seen as two.
	[ "$1" = filter ] || assert_eq "$(hp_json status -- .watchdog.removals)" 1 "removals"
	assert_match "$(hp_json status -- .watchdog.last.what)" "$what" "what was taken away"
	assert_eq "$(hp_json status -- .watchdog.last.program)" $program "by whom"
	if [ $program = nft ]; then
		assert_ge "$(hp_json status -- .watchdog.last.pid)" 2 "its process"
		hp status | has "by nft (process [0-9]*)"
	else
		hp status | has 'by somebody whom the kernel does not name'
	fi
	wait_for 10 "grep -q 'watchdog: .*$what.*; put back after [0-9]* ms' '$LAB_DIR/hairpind.log'"
	say "$(grep 'put back after' "$LAB_DIR/hairpind.log")"
fi

downloaded forward srv
downloaded outgoing inet
downloaded loopback srv
downloaded own srv
assert_match "$(http_get inet http://$WAN_ADDR/)" "^$INET_ADDR:" "a new connection"
assert_match "$(http_get lan1 http://$WAN_ADDR/)" "^$WAN_ADDR:" "a new loopback"
assert_match "$(http_get lan1 http://$INET_ADDR/)" "^$WAN_ADDR:" "a new one outwards"
refute inet ask -w 300 $WAN_ADDR:7004
capture_stop private
assert_eq "$(captured private ip or ip6)" 0 "packets with a private source on WAN"
