#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The main router of the bypass lab does what such a router does, and no more: plain_main.sh BUILD [cgnat]
. "$(dirname "$0")/lab.sh"
. "$LAB_SRC/lib/bypass.sh"

# octets_asked OCTETS: what port 5351 of the main router answers to them, in hexadecimal; nothing: no answer.
octets_asked() {
	printf '%b' "$1" | in_ns gw socat -t 1 - "UDP:$LAN_GW:5351" 2>/dev/null | od -An -v -tx1 | tr -d ' \n'
}

natpmp_answer() { octets_asked '\0\0'; }

# MAP for an hour: client, nonce, TCP, internal and external port 8443, no external address in mind.
pcp_answer() {
	octets_asked "\2\1\0\0\0\0\16\20$(printf '\\0%.0s' {1..10})\377\377\300\250\13\3$(printf '\\1%.0s' {1..12})\6\0\0\0\40\373\40\373$(printf '\\0%.0s' {1..10})\377\377\0\0\0\0"
}

igd_answers() {
	in_ns gw curl -sS --noproxy '*' --max-time 5 http://$LAN_GW:5000/rootDesc.xml | has WANIPConnection
}

# What both NAT-PMP and PCP end with: the public address.
hex_of() { # ADDRESS
	# shellcheck disable=SC2046,SC2086 # four numbers
	printf '%02x' ${1//./ }
}

bypass_up "$@"
http_serve srv 80
http_serve inet 81
assert_eq "$(http_get lan1 http://$INET_ADDR:81/ --local-port 40000)" "25.11.0.1:40000" "what goes out"
main_forward 80/tcp $SRV_ADDR
assert_match "$(main_forwards)" "tcp dport 80 dnat to $SRV_ADDR" "what is forwarded"
if [ "${1:-}" = cgnat ]; then
	http_refused inet http://25.11.0.1/
	main_miniupnpd_up
	assert_match "$(natpmp_answer)" "^00800003" "a main router without a public address refuses"
	igd_answers || fail "no IGD"
	exit 0
fi
assert_eq "$(http_get inet http://$MAIN_ADDR/ --local-port 40001)" "$INET_ADDR:40001" "what comes in"
http_refused lan1 http://$MAIN_ADDR/
main_forwards_flush
http_refused inet http://$MAIN_ADDR/

main_miniupnpd_up
assert_match "$(natpmp_answer)" "$(hex_of $MAIN_ADDR)$" "NAT-PMP"
assert_match "$(pcp_answer)" "^028100000.*$(hex_of $MAIN_ADDR)$" "PCP"
assert_eq "$(main_mappings)" "8443/tcp $SIDE_ADDR:8443" "what PCP asked for"
igd_answers || fail "no IGD"
main_miniupnpd_restart
assert_eq "$(main_mappings)" "" "after a restart"
main_public_change 25.11.0.7
wait_for 20 '[[ "$(natpmp_answer)" =~ $(hex_of 25.11.0.7)$ ]]'
main_miniupnpd_down

for only in natpmp pcp igd; do
	main_miniupnpd_up $only
	for protocol in natpmp pcp; do
		if [ $only = $protocol ]; then
			assert_ne "$(${protocol}_answer)" "" "$protocol, that alone"
		else
			assert_eq "$(${protocol}_answer)" "" "$protocol, beside $only"
		fi
	done
	if [ $only = igd ]; then igd_answers; else refute igd_answers; fi
	main_miniupnpd_down
done

main_away
refute gw ping -q -c 1 -W 1 $LAN_GW
main_back
wait_for 10 "ping -q -c 1 -W 1 $LAN_GW"
wait_for 10 "in_ns lan1 curl -sS --noproxy '*' --max-time 2 http://$INET_ADDR:81/"
