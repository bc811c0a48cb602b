#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What a packet, the sweep and the daemon cost as the tables grow: scale.sh [BUILD [--quick|--tiny]]
#
# One gateway, with one forward and one segment or with 10,000 and 64, and few sessions or a million, of as many clients outside; nat.limits.sessions is the same for
# all, so that only what is in the tables grows. crowd.c opens them and measures. At the largest `hairpin show sessions` lists them all while numbered datagrams pass.
# The table goes to standard output, and to BUILD/bench/scale.json, or SCALE_OUT. A packet of a million sessions that come by one after the other finds nothing of its own in
# the caches of the CPU; that of a thousand finds all: the difference is that of the memory, and not of the tables.
LAB_PCAP=no
. "$(dirname "$0")/../lab/lab.sh"

FEW=1000 MANY=1000000 FORWARDS=10000 SEGMENTS=64
case ${1:-} in
--quick) MANY=200000 ;;
--tiny) FEW=500 MANY=100000 FORWARDS=2000 SEGMENTS=8 ;;
esac
OUT=${SCALE_OUT:-$LAB_BUILD/bench/scale.json}
FIRST=20000

segments_up() {
	local i
	for ((i = 2; i <= SEGMENTS; i++)); do
		ip link add "seg$i" type veth peer name "seg${i}x"
		ip addr add "192.168.$((100 + i)).1/24" dev "seg$i"
		ip link set "seg${i}x" up
		ip link set "seg$i" up
	done
}

# conf FORWARDS SEGMENTS
conf() {
	local i
	printf 'nat: { limits: { sessions: %d } }\n' $((MANY * 14 / 10))
	printf 'lan:\n  - interface: %s\n' "$LAN_DEV"
	for ((i = 2; i <= $2; i++)); do
		printf '  - interface: seg%d\n' "$i"
	done
	cat <<-END
		services:
		  - name: measured
		    host: $SRV_ADDR
		    ports: [7100/tcp, 7100/udp]
		  - name: many
		    host: $SRV_ADDR
		    ports: ["$FIRST-$((FIRST + $1 - 1))/udp"]
	END
}

# memory FIELD: of the daemon, in kB.
memory() {
	sed -n "s/^$1:[[:space:]]*\([0-9]*\) kB/\1/p" "/proc/${LAB_PIDS[hairpind]}/status"
}

# round FORWARDS SEGMENTS SESSIONS: a row of JSON. The gateway stays.
round() {
	local port=$((FIRST + $1 - 1)) before pins row
	gw_conf < <(conf "$1" "$2")
	hairpind_start
	before=$(memory VmRSS)
	pins=(/sys/fs/bpf/hairpin/v*)
	row=$("$LAB_BUILD/tests/bench/crowd" "${pins[0]}" "$WAN_DEV" "$LAN_DEV" "$WAN_ADDR:$port" "$SRV_ADDR:$port" "$3")
	assert_eq "$(hp_json status -- .sessions.active)" "$3" "sessions"
	jq -c --argjson forwards "$1" --argjson segments "$2" --argjson before "$before" --argjson after "$(memory VmRSS)" \
		'. + {forwards: $forwards, segments: $segments, rss_before_kb: $before, rss_after_kb: $after}' <<<"$row"
}

gateway_down() {
	hp detach >&2
	finished hairpind
}

# peak FILE COMMAND...: the most memory that it had, in kB; its output goes to FILE.
peak() {
	python3 -c '
import resource, subprocess, sys
with open(sys.argv[1], "wb") as out:
    subprocess.run(sys.argv[2:], stdout=out, check=True)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)' "$@"
}

# in_order PORT: how many sessions the list has of that port, and whether they stand there as they were opened, each client behind the one before. [NUMBER, BOOLEAN]
in_order() {
	awk -v port="\"destination_port\": $1}, \"translated\"" '
		index($0, port) && match($0, /"source": "[0-9.]*"/) {
			split(substr($0, RSTART + 11, RLENGTH - 12), at, ".")
			client = at[2] * 65536 + at[3] * 256 + at[4]
			wrong += client != ++n
		}
		END { printf "[%d, %s]\n", n, wrong ? "false" : "true" }' "$LAB_DIR/sessions.json"
}

# listing: what `show sessions` takes while datagrams pass. A row of JSON; the list is in sessions.json.
listing() {
	local before began took client status=0
	spawn serve srv numbered serve 7100
	wait_for 10 'listens srv tcp 7100'
	spawn ask inet numbered ask 2000 "$WAN_ADDR:7100"
	wait_for 10 '[ "$(hp_json status -- .sessions.active)" -ge '$((MANY + 2))' ]'
	# The high-water mark of the daemon's memory, from here on.
	echo 5 >"/proc/${LAB_PIDS[hairpind]}/clear_refs"
	before=$(memory VmRSS)
	began=$(now_ms)
	client=$(peak "$LAB_DIR/sessions.json" "$HAIRPIN" -j show sessions)
	took=$(($(now_ms) - began))
	stop ask TERM || status=$?
	finished serve
	jq -nc --argjson ms $took --argjson client "$client" --argjson before "$before" --argjson most "$(memory VmHWM)" --argjson lost $status \
		--argjson listed "$(in_order $((FIRST + FORWARDS - 1)))" --argjson octets "$(stat -c %s "$LAB_DIR/sessions.json")" --argjson traffic "$(tail -n 1 "$LAB_DIR/ask.log")" \
		'{ms: $ms, octets: $octets, listed: $listed[0], in_order: $listed[1], client_rss_kb: $client, daemon_before_kb: $before, daemon_most_kb: $most, lost: ($lost != 0), traffic: $traffic}'
}

lab_up bridge
segments_up
ip neigh replace "$SRV_ADDR" lladdr "$(ip -n srv -j link show eth0 | jq -r '.[0].address')" dev "$LAN_DEV" nud permanent
LAB_QUIET=yes
for shape in "1 1 $FEW" "1 1 $MANY" "$FORWARDS $SEGMENTS $FEW"; do
	# shellcheck disable=SC2086 # three words
	round $shape
	gateway_down
done >"$LAB_DIR/rows"
round $FORWARDS $SEGMENTS $MANY >>"$LAB_DIR/rows"
listing >"$LAB_DIR/listing"
gateway_down

mkdir -p "$(dirname "$OUT")"
jq -n --slurpfile rows "$LAB_DIR/rows" --slurpfile listing "$LAB_DIR/listing" '{rows: $rows, listing: $listing[0]}' >"$OUT"
jq -r --argjson period "$(sed -n 's/^#define SWEEP_PERIOD_S //p' "$LAB_SRC/../../include/hairpin/limits.h")" '
	(.rows[] | "\(.forwards) forwards, \(.segments) segments, \(.flows) sessions: \(.hit_ns) ns a packet (mean \(.hit_mean_ns)), \(.open_ns) ns the first of a flow, "
		+ "the sweep \(.sweep_ns / 1e6 | round) ms, \(.sweep_ns / 1e7 / $period * 1000 | round / 1000) % of a core, the daemon \(.rss_before_kb) kB before and \(.rss_after_kb) kB after"),
	(.listing | "show sessions: \(.octets) octets in \(.ms) ms, the command \(.client_rss_kb) kB, the daemon \(.daemon_before_kb) kB before and at most \(.daemon_most_kb) kB; "
		+ "meanwhile \(if .lost then "datagrams were lost" else "nothing was lost" end), the longest gap between two datagrams \(.traffic.longest_gap_ms) ms")' "$OUT"
