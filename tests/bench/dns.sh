#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What an answer costs us, dnsmasq and unbound: dns.sh [BUILD [--quick]]
#
# All three run beside one another on one address, each with a port of its own, and answer by turns; and beside them dns_echo, which answers and does nothing else: what it
# costs, sockets cost, and no server that answers one datagram by one goes below. The table goes to standard output and, with each single
# measurement, to BUILD/bench/dns.json. dns.py measures; here are the servers.
LAB_PCAP=no
. "$(dirname "$0")/../lab/lab.sh"

NAMES=200 # of ours, and as many of the zone to be cached
LIST=500000
LOADS=3 # how often the list is loaded by each
if [ "${1:-}" = --quick ]; then
	LOADS=1
fi
BENCH_DIR=$LAB_BUILD/bench
. "$LAB_SRC/lib/blocklists.sh"

rewrites() {
	local i
	# No gateway around it: what that costs each packet, it costs those of all three.
	printf 'role: resolver\ndns:\n  listen: [%s]\n  upstream: [%s]\n  rewrites:\n' $LAN_GW $AUTH_ADDR
	for ((i = 0; i < NAMES; i++)); do
		printf '    - { domain: r%d.ours.example.net, answer: 192.168.11.%d }\n' $i $((i % 200 + 20))
	done
	# Ours writes down every query meanwhile, and the others do not.
	printf '  log: { queries: yes }\n  blocklists: [ { name: big, path: %s } ]\n' "$LAB_DIR/big.txt"
}

# list FORMAT: the list, as awk's printf writes a name of it.
list() {
	awk -v n=$LIST -v format="$1\n" 'BEGIN { for (i = 0; i < n; i++) printf format, "n" i ".ads" i % 5000 ".example.org" }'
}

dnsmasq_conf() {
	local i
	{
		printf 'no-resolv\nno-hosts\nbind-interfaces\nlisten-address=%s\nport=5301\nserver=%s\ncache-size=10000\n' $LAN_GW $AUTH_ADDR
		printf 'pid-file=%s\nuser=root\nkeep-in-foreground\nno-daemon\ndns-forward-max=1000\nlog-facility=/dev/null\n' "$LAB_DIR/dnsmasq.pid"
		for ((i = 0; i < NAMES; i++)); do
			printf 'host-record=r%d.ours.example.net,192.168.11.%d\n' $i $((i % 200 + 20))
		done
		list 'address=/%s/0.0.0.0'
	} >"$LAB_DIR/dnsmasq.conf"
}

unbound_conf() {
	local i
	{
		cat <<-END
			server:
			  interface: $LAN_GW
			  port: 5302
			  num-threads: 1
			  access-control: 0.0.0.0/0 allow
			  chroot: ""
			  username: ""
			  directory: "$LAB_DIR"
			  pidfile: "$LAB_DIR/unbound.pid"
			  use-syslog: no
			  module-config: "iterator"
			  so-rcvbuf: 4m
		END
		for ((i = 0; i < NAMES; i++)); do
			printf '  local-data: "r%d.ours.example.net. A 192.168.11.%d"\n' $i $((i % 200 + 20))
		done
		list '  local-zone: "%s" always_null'
		printf 'forward-zone:\n  name: "."\n  forward-addr: %s\n' $AUTH_ADDR
	} >"$LAB_DIR/unbound.conf"
}

hairpin_begin() { hairpind_run; }
dnsmasq_begin() { spawn dnsmasq gw dnsmasq -C "$LAB_DIR/dnsmasq.conf"; }
unbound_begin() { spawn unbound gw unbound -d -p -c "$LAB_DIR/unbound.conf"; }

# load SERVER NAME PORT: from its start until it blocks the last name of the list, in LOAD_MS.
load() {
	local began
	began=$(now_ms)
	"$1_begin"
	wait_for 120 "dns_load -n 1 $LAN_GW:$3 '$LAB_DIR/last' | grep 'NOERROR 1,'"
	LOAD_MS=$(($(now_ms) - began))
}

# memory_kb PID: its own share of what it maps, and all of the table that the daemon shares with it, whichever pages of it were touched.
memory_kb() {
	awk '/memfd:dns-lists/ { is_table = 1; next }
		/^[0-9a-f]+-[0-9a-f]+ / { is_table = 0 }
		/^Size:/ && is_table { kb += $2 }
		/^Pss:/ && !is_table { kb += $2 }
		END { print kb }' "/proc/$1/smaps"
}

# Everybody loads it in turn; the last ones stay.
loads() {
	local round server
	declare -gA LOADED=([hairpin]="" [dnsmasq]="" [unbound]="")
	for ((round = 1; round <= LOADS; round++)); do
		for server in hairpind:53 dnsmasq:5301 unbound:5302; do
			[ $round = 1 ] || stop ${server%:*} || true
			load "$(sed 's/hairpind/hairpin/; s/:.*//' <<<$server)" ${server%:*} ${server#*:}
			LOADED[$(sed 's/hairpind/hairpin/; s/:.*//' <<<$server)]+="$LOAD_MS "
		done
	done
}

# The list is read anew, one name longer, while clients ask as fast as they are answered.
swap() {
	spawn asking gw dns_load -n 20000000 -w 200 $LAN_GW "$LAB_DIR/rewrite.work"
	echo "0.0.0.0 one.more.example.org" >>"$LAB_DIR/big.txt"
	wait_for 60 "[ \"\$(list_is big .names)\" = $((LIST + 1)) ]"
	running asking || fail "nobody asked any more when the list was in force"
	kill -INT "${LAB_PIDS[asking]}"
	finished asking || true
	sed -n 's/.*lost \([0-9]*\) .*/\1/p' "$LAB_DIR/asking.log"
}

# work NAME: what dns_load asks.
work() {
	cat >"$LAB_DIR/$1.work"
}

lab_up bridge
auth_serve < <(for ((i = 0; i < NAMES; i++)); do echo "c$i 86400 A 203.0.113.$((i % 250 + 1))"; done)
list '0.0.0.0 %s' >"$LAB_DIR/big.txt"
sed -n "\$ s/0.0.0.0 \(.*\)/\1 A/p" "$LAB_DIR/big.txt" >"$LAB_DIR/last"
work rewrite < <(for ((i = 0; i < NAMES; i++)); do echo "r$i.ours.example.net A"; done)
work cache < <(for ((i = 0; i < NAMES; i++)); do echo "c$i.example.com A"; done)
work block < <(sed -n '1~500 s/0.0.0.0 \(.*\)/\1 A/p' "$LAB_DIR/big.txt")
rewrites >"$CONF"
dnsmasq_conf
unbound_conf
loads
spawn echo gw dns_echo $LAN_GW:5303
wait_for 30 '"$HAIRPIN" status'
mkdir -p "$BENCH_DIR"
python3 "$LAB_SRC/../bench/dns.py" "$@" --out "$BENCH_DIR/dns.json" --address $LAN_GW --works "$LAB_DIR" --log "$(hp_json status -- .dns.log.process)" \
	"hairpin=53:$(dns_pid)" "dnsmasq=5301:${LAB_PIDS[dnsmasq]}" "unbound=5302:${LAB_PIDS[unbound]}" "echo=5303:${LAB_PIDS[echo]}"
echo "queries that the log lost: $(hp_json status -- .dns.log.lost)"

printf '\n%s names to block: server, ms until they are (each load), kB of memory\n' $LIST
for server in hairpin dnsmasq unbound; do
	pid=$([ $server = hairpin ] && dns_pid || echo "${LAB_PIDS[$server]}")
	echo "$server ${LOADED[$server]% } $(memory_kb "$pid")"
done | tee "$BENCH_DIR/dns-list.txt"
jq -Rn '[inputs | split(" ") | {server: .[0], load_ms: .[1:-1] | map(tonumber), memory_kb: .[-1] | tonumber}]' \
	<"$BENCH_DIR/dns-list.txt" >"$BENCH_DIR/dns-list.json"
echo "queries lost while the list was replaced under load: $(swap)"
