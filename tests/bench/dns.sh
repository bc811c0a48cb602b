#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What an answer costs us, dnsmasq and unbound: dns.sh [BUILD [--quick]]
#
# All three run beside one another on one address, each with a port of its own, and answer by turns. The table goes to standard output and, with each single
# measurement, to BUILD/bench/dns.json. dns.py measures; here are the servers.
LAB_PCAP=no
. "$(dirname "$0")/../lab/lab.sh"

NAMES=200 # of ours, and as many of the zone to be cached
BENCH_DIR=$LAB_BUILD/bench

rewrites() {
	local i
	# No gateway around it: what that costs each packet, it costs those of all three.
	printf 'role: resolver\ndns:\n  listen: [%s]\n  upstream: [%s]\n  rewrites:\n' $LAN_GW $AUTH_ADDR
	for ((i = 0; i < NAMES; i++)); do
		printf '    - { domain: r%d.ours.example.net, answer: 192.168.11.%d }\n' $i $((i % 200 + 20))
	done
}

dnsmasq_start() {
	local i
	{
		printf 'no-resolv\nno-hosts\nbind-interfaces\nlisten-address=%s\nport=5301\nserver=%s\ncache-size=10000\n' $LAN_GW $AUTH_ADDR
		printf 'pid-file=%s\nuser=root\nkeep-in-foreground\nno-daemon\ndns-forward-max=1000\nlog-facility=/dev/null\n' "$LAB_DIR/dnsmasq.pid"
		for ((i = 0; i < NAMES; i++)); do
			printf 'host-record=r%d.ours.example.net,192.168.11.%d\n' $i $((i % 200 + 20))
		done
	} >"$LAB_DIR/dnsmasq.conf"
	spawn dnsmasq gw dnsmasq -C "$LAB_DIR/dnsmasq.conf"
	wait_for 20 "listens gw udp 5301"
}

unbound_start() {
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
		printf 'forward-zone:\n  name: "."\n  forward-addr: %s\n' $AUTH_ADDR
	} >"$LAB_DIR/unbound.conf"
	spawn unbound gw unbound -d -p -c "$LAB_DIR/unbound.conf"
	wait_for 20 "listens gw udp 5302"
}

# work NAME: what dns_load asks.
work() {
	cat >"$LAB_DIR/$1.work"
}

lab_up bridge
auth_serve < <(for ((i = 0; i < NAMES; i++)); do echo "c$i 86400 A 203.0.113.$((i % 250 + 1))"; done)
dnsmasq_start
unbound_start
rewrites >"$CONF"
hairpind_start
work rewrite < <(for ((i = 0; i < NAMES; i++)); do echo "r$i.ours.example.net A"; done)
work cache < <(for ((i = 0; i < NAMES; i++)); do echo "c$i.example.com A"; done)
mkdir -p "$BENCH_DIR"
python3 "$LAB_SRC/../bench/dns.py" "$@" --out "$BENCH_DIR/dns.json" --address $LAN_GW --works "$LAB_DIR" \
	"hairpin=53:$(dns_pid)" "dnsmasq=5301:${LAB_PIDS[dnsmasq]}" "unbound=5302:${LAB_PIDS[unbound]}"
