#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Who reaches a port that a host inside has opened by sending to one endpoint: filtering.sh BUILD udp|tcp FILTERING
#
# Another port of the address that it spoke to and a stranger, under each filtering; that very endpoint always does. What is turned away is
# counted. The other protocol has the strictest filtering meanwhile.
# Requirements: 10, 25, 54, 65.
. "$(dirname "$0")/lab.sh"

protocol=$1 filtering=$2
declare -A other=([udp]=tcp [tcp]=udp)
lab_up bridge
hairpin_up <<END
nat:
  limits: { sessions: 16384 }
  filtering: { $protocol: $filtering, ${other[$protocol]}: address-and-port-dependent }
END

# from ADDRESS PORT: "yes" or "no"; the host answers at its port 5000 to whoever gets through.
if [ "$protocol" = udp ]; then
	echo_serve inet 7001
	spawn host srv ask -k -p 5000 $INET_ADDR:7001
	wait_for 10 'grep -qx "$WAN_ADDR:5000" "$LAB_DIR/host.log"'
	stop echo-inet-7001 || true
	from() {
		inet ask -b "$1" -p "$2" -w 1000 $WAN_ADDR:5000 >/dev/null && echo yes || echo no
	}
else
	echo_serve inet 7001
	assert_eq "$(srv ask -t -p 5000 $INET_ADDR:7001)" "$WAN_ADDR:5000" "the host's own connection"
	stop echo-inet-7001 || true
	echo_serve srv 5000
	from() {
		inet ask -t -b "$1" -p "$2" -w 900 $WAN_ADDR:5000 >/dev/null && echo yes || echo no
	}
fi

case $filtering in
endpoint-independent) wanted="yes yes" refused=0 ;;
address-dependent) wanted="yes no" refused=1 ;;
*) wanted="no no" refused=2 ;;
esac
before=$(packets drop-filtered)
# The stranger first: whom the host has answered it has spoken to.
stranger=$(from $INET_ADDR2 7001)
assert_eq "$(from $INET_ADDR 7002) $stranger" "$wanted" "another port of the known address, a stranger"
assert_ge $(($(packets drop-filtered) - before)) "$refused" "packets turned away"
[ "$refused" -gt 0 ] || assert_eq "$(packets drop-filtered)" "$before" "packets turned away"

if [ "$protocol" = tcp ]; then
	# A connection from outside is told apart from a forward's.
	[ "$filtering" = address-and-port-dependent ] ||
		hp_json show sessions -- '.sessions[].kind' | has -x incoming
else
	assert_eq "$(from $INET_ADDR 7001)" yes "the endpoint that was spoken to"
	# The datagram of the stranger who came in made no session; the host's answer did.
	assert_eq "$(hp_json show sessions -- '[.sessions[] | select(.kind == "incoming")] | length')" 0 "sessions of datagrams"
fi
