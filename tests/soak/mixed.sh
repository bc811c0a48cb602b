#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Ten minutes of everything at full load, with reloads and kill -9 in between: mixed.sh BUILD [SECONDS]
#
# UDP, TCP that opens and closes, ICMP, fragments and garbage, from inside, from outside and through loopback. At the end the tables agree with one another;
# when the timers have run, nothing is left in them; the kernel has not complained. The last line is the result.
LAB_PCAP=no
. "$(dirname "$0")/../lab/lab.sh"

seconds=${1:-600}
PINS=/sys/fs/bpf/hairpin/v$(sed -n 's/^#define HP_LAYOUT_VERSION \([0-9]*\)$/\1/p' "$LAB_SRC/../../include/hairpin/dataplane.h")
TRAFFIC=$LAB_SRC/../soak/traffic.py
INVARIANTS=$LAB_BUILD/tests/soak/invariants

# The configuration of the N-th reload: what changes is a forward, its allow list and the filtering.
write_conf() {
	{
		standard_services
		(($1 % 2)) && printf '  - name: more\n    host: %s\n    ports: [%s/udp]\n' $SRV_ADDR "$((9000 + $1 % 50))"
		printf 'nat:\n  limits: { sessions: 65536, sessions-per-host: unlimited, new-per-host: unlimited }\n'
		printf '  filtering: %s\n' "$( (($1 % 3)) && echo address-dependent || echo endpoint-independent)"
	} | gw_conf
}

# entries MAP: how many there are.
entries() {
	bpftool -j map dump pinned "$PINS/$1" | jq length
}

sessions_active() {
	hp_json show sessions -- '.sessions | length'
}

complaints() {
	dmesg 2>/dev/null | grep -cE 'WARNING|BUG|Oops|verifier|stall' || true
}

traffic_start() {
	local ns
	for ns in lan1 guest; do
		spawn "tcp-$ns" $ns "$TRAFFIC" tcp $INET_ADDR 7001 7002
		spawn "udp-$ns" $ns "$TRAFFIC" udp $INET_ADDR 7001 7002 7003
		spawn "loop-tcp-$ns" $ns "$TRAFFIC" tcp $WAN_ADDR 7000 80
		spawn "loop-udp-$ns" $ns "$TRAFFIC" udp $WAN_ADDR 7000
		spawn "fragments-$ns" $ns "$TRAFFIC" fragments $INET_ADDR 7001
		spawn "ping-$ns" $ns ping -q -i 0.002 -s 2000 $INET_ADDR
		spawn "garbage-$ns" $ns "$TRAFFIC" garbage eth0 "$gateway_mac_lan"
	done
	spawn tcp-inet inet "$TRAFFIC" tcp $WAN_ADDR 7000 8443 80
	spawn udp-inet inet "$TRAFFIC" udp $WAN_ADDR 7000 7009
	spawn fragments-inet inet "$TRAFFIC" fragments $WAN_ADDR 7000
	spawn garbage-inet inet "$TRAFFIC" garbage eth0 "$gateway_mac_wan"
}

traffic_stop() {
	local name
	for name in {tcp,udp,loop-tcp,loop-udp,fragments,ping,garbage}-{lan1,guest} {tcp,udp,fragments,garbage}-inet; do
		stop "$name" KILL || true
	done
}

lab_up bridge
gateway_mac_lan=$(cat /sys/class/net/br-lan/address)
gateway_mac_wan=$(cat /sys/class/net/wan/address)
write_conf 0
hairpind_start
http_serve srv 443 80
echo_serve srv 7000
echo_serve inet 7001 7002
before=$(complaints)
traffic_start

reloads=0 kills=0 end=$((SECONDS + seconds))
while ((SECONDS < end)); do
	read -r -t 5 <> <(:) || true
	write_conf $((++reloads))
	hp reload >/dev/null
	if ((reloads % 6 == 0)); then
		hairpind_kill
		hairpind_start
		((++kills))
	fi
done

traffic_stop
packets=$(hp_json show drops -- '[.reasons[].packets] | add')
# What is still in a queue arrives, then nothing moves.
wait_for 30 'a=$(hp_json show drops -- "[.reasons[].packets] | add"); read -r -t 1 <> <(:) || true; [ "$a" = "$(hp_json show drops -- "[.reasons[].packets] | add")" ]'
stop echo-srv-7000 KILL || true
stop echo-inet-7001 KILL || true
hairpind_kill
"$INVARIANTS" "$PINS" hold
"$INVARIANTS" "$PINS" >"$LAB_DIR/invariants.log" 2>&1 || fail "the tables do not agree: $(cat "$LAB_DIR/invariants.log")"
held=$(entries hp_mappings)
"$INVARIANTS" "$PINS" age 8000
hairpind_start
wait_for 60 '[ "$(sessions_active)" = 0 ]'
# A freed port rests for two minutes.
wait_for 200 '[ "$(entries hp_bindings)" = 0 ]'
for map in hp_flows4 hp_flows6 hp_mappings hp_peers hp_hosts; do
	assert_eq "$(entries $map)" 0 "entries left in $map"
done
"$INVARIANTS" "$PINS" >"$LAB_DIR/invariants.log" 2>&1 || fail "the tables do not agree: $(cat "$LAB_DIR/invariants.log")"
assert_eq "$(complaints)" "$before" "complaints of the kernel"
echo "soak: $seconds s, $packets packets, $reloads reloads, $kills kill -9, $held mappings at the end, nothing left, tables agree"
