#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What 10,000 forwards cost a packet, beside one: forwards.sh [BUILD [--quick]], with nat.backend: nftables, or HAIRPIN_BACKEND.
#
# One gateway has one and the other number by turns. CPU time of a packet, all the way from its sender to the server's door: of one that begins a
# connection, for which the map of forwards is asked, and of one that goes on in one. And how long a reload takes until the other number is in force. The table
# goes to standard output, and with each single measurement to BUILD/bench/forwards.json.
LAB_PCAP=no
export HAIRPIN_BACKEND=${HAIRPIN_BACKEND:-nftables}
. "$(dirname "$0")/../lab/lab.sh"

MANY=10000 FIRST=20000 INSIDE=10000
ROUNDS=7 NEW=20000 GOING=50000
if [ "${1:-}" = --quick ]; then
	ROUNDS=3 NEW=5000 GOING=20000
fi
BENCH_DIR=$LAB_BUILD/bench

forwards() { # NUMBER
	local last=$(($1 - 1))
	gw_conf <<-END
		services:
		  - name: forwards
		    host: $SRV_ADDR
		    ports: ["$FIRST-$((FIRST + last)):$INSIDE-$((INSIDE + last))/udp"]
	END
}

# packets_cost FORGE-ARGUMENTS...: CPU nanoseconds of each. The kernel carries a packet to the other end on the time of who sends it.
packets_cost() {
	local TIMEFORMAT='%U %S' used
	used=$( { time in_ns inet forge udp "$@" >/dev/null 2>&1; } 2>&1 | tail -n 1)
	awk -v n="$1" '{ printf "%d\n", ($1 + $2) * 1e9 / n }' <<<"$used"
}

# round NUMBER: a row of JSON.
round() {
	local began reload_ms new going port=$((FIRST + $1 - 1))
	forwards "$1"
	began=$(now_ms)
	hp reload >/dev/null
	reload_ms=$(($(now_ms) - began))
	new=$(packets_cost $NEW 10.0.0.0/8 "$WAN_ADDR:$port")
	on_nftables && age 1000000
	going=$(packets_cost $GOING $INET_ADDR:4000 "$WAN_ADDR:$port")
	on_nftables && age 1000000
	printf '{"forwards": %d, "reload_ms": %d, "new_ns": %d, "going_ns": %d}\n' "$1" "$reload_ms" "$new" "$going"
}

lab_up bridge
# The server's door: what arrives is dropped, so that its answers cost nothing.
srv nft -f - <<<'table inet door { chain in { type filter hook prerouting priority -300; udp dport 10000-19999 counter drop; }; }'
forwards 1
hairpind_start
round $MANY >/dev/null
LAB_QUIET=yes
for ((i = 0; i < ROUNDS; i++)); do
	round 1
	round $MANY
done >"$LAB_DIR/rows"
arrived=$(srv nft -j list chain inet door in | jq '[.nftables[].rule.expr // empty | .[].counter.packets // 0] | add')
assert_ge "$arrived" $((ROUNDS * (NEW + GOING))) "packets that the server got, so that it was forwards that were measured"

mkdir -p "$BENCH_DIR"
jq -s . "$LAB_DIR/rows" >"$BENCH_DIR/forwards.json"
jq -r --argjson many $MANY '
	def middle: sort | .[length / 2 | floor];
	def column($n; $key): map(select(.forwards == $n) | .[$key]);
	def row($name; $key): column(1; $key) as $one | column($many; $key) as $all
		| [range($one | length) as $i | $all[$i] / $one[$i]] as $ratios
		| "\($name): one forward \($one | middle), \($many) forwards \($all | middle), ratio \($ratios | middle * 100 | round / 100) (\($ratios | min * 100 | round / 100) to \($ratios | max * 100 | round / 100))";
	row("ns CPU of a packet that begins a connection"; "new_ns"),
	row("ns CPU of a packet of a connection"; "going_ns"),
	row("ms of a reload"; "reload_ms")' "$BENCH_DIR/forwards.json"
