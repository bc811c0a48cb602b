#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# 1,000 reloads (300 with nftables), each applying another plan, while numbered UDP runs at 10,000 packets a second each way through a forward
# and a TCP stream beside it: what was sent is what arrived, and status shows as many generations more.
LAB_PCAP=no
. "$(dirname "$0")/lab.sh"

# A reload of a table of rules takes longer than one of maps, and a thousand would take the time of twenty tests.
reloads=$([ -n "${HAIRPIN_BACKEND:-}" ] && echo 300 || echo 1000)
lab_up bridge
# conf N: the measured service, one that comes and goes, and two whose ports change.
conf() {
	gw_conf <<-END
		services:
		  - name: measured
		    host: $SRV_ADDR
		    ports: [7100/tcp, 7100/udp]
		$([ $(($1 % 2)) -eq 0 ] || printf '%s\n' '  - name: sometimes' "    host: $LAN1_ADDR" '    ports: [9000-9019/udp]')
		  - name: moves
		    host: $SRV_ADDR
		    ports: ["$((10000 + $1)):443/tcp", $((20000 + $1))/udp]
		  - name: elsewhere
		    host: 192.168.11.$((100 + $1 % 100))
		    ports: [$((30000 + 3 * $1))-$((30002 + 3 * $1))/udp]
	END
}
conf 0
hairpind_start
spawn serve srv numbered serve 7100
wait_for 10 'listens srv tcp 7100'
spawn ask inet numbered ask 10000 $WAN_ADDR:7100
wait_for 10 '[ $(hp_json show sessions -- "[.sessions[] | select(.kind == \"forward\")] | length") -ge 2 ]'

before=$(generation)
for ((i = 1; i <= reloads; i++)); do
	conf $i
	"$HAIRPIN" reload >"$LAB_DIR/reload.txt" 2>&1 || fail "reload $i: $(cat "$LAB_DIR/reload.txt")"
done
assert_eq $(($(generation) - before)) $reloads "generations"

status=0
stop ask TERM || status=$?
finished serve
tail -n 1 "$LAB_DIR/ask.log" >&2
assert_eq "$status" 0 "what was sent is what arrived"
assert_ge "$(tail -n 1 "$LAB_DIR/ask.log" | jq '.per_second | floor')" 9500 "datagrams a second"
