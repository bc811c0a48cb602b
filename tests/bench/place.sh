#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Where a contender works: place.sh BUILD CONTENDER plain|bridge ask|out|in [forwards=N] [sessions=N]
#
#    lan1 ── lan0 ┐                        ┌ p-lan1 ── lan1
#                 ├ gw ── wan ── inet   br-lan
#     srv ── lan2 ┘                        └ p-srv ─── srv      (bridge; wan as before)
#
# CONTENDER: bare, an XDP program that redirects; routing, the kernel's; nftables, the rules that `hairpin export nftables` prints; backend, hairpin with nat.backend:
# nftables; tc, hairpin as it comes; xdp, the same with nat.fast-path: on. The way of the flows: ask, from lan1 round to srv (the loopback); out, from lan1 to inet; in, from inet to
# srv. Clients are 60 addresses in the LAN, or all of 10.0.0.0/8 outside. forwards: ports that the server has; sessions: nat.limits.sessions.
#
# Says "ready", with what was set, then does what standard input says, a line at a time, and says "done STATUS" after each. It ends with its input; what it
# made ends with it. Everything in here is the same for all contenders but contender_up().
LAB_PCAP=no
. "$(dirname "$0")/../lab/lab.sh"

CONTENDER=$1 TOPOLOGY=$2 WAY=$3
shift 3
CLIENTS=60 forwards=1 sessions=auto
for pair; do
	declare "$pair"
done
SERVICE_PORT=7000 FIRST_PORT=7000
LOAD=$LAB_BUILD/tests/bench/load
# What is not the generator runs beside it.
OTHER_CPU=0
exec 3>&1 >&2

# device_mac DEVICE NUMBER: an address that is known beforehand.
device_mac() {
	ip link set "$1" address "02:00:00:00:00:0$2"
}

# Each veth hands on what arrives in batches, as a network card does, whether it has an XDP program or not.
offload() { # NS DEVICE
	nsenter --net="/run/netns/$1" ethtool -K "$2" gro on >/dev/null
}

# add_clients NS NETWORK FIRST COUNT
add_clients() {
	local i
	for ((i = 1; i < $4; i++)); do
		echo "addr add $2.$(($3 + i))/24 dev eth0"
	done | ip -n "$1" -batch -
}

plain_up() {
	SRV_ADDR=192.168.12.20
	host_up lan1 gw lan0 $LAN1_ADDR/24 $LAN1_ADDR6/64
	host_up srv gw lan2 $SRV_ADDR/24 2001:db8:12::20/64
	ip addr add $LAN_GW/24 dev lan0
	ip addr add 192.168.12.1/24 dev lan2
	device_mac lan0 1
	device_mac lan2 2
	ip -n srv route add default via 192.168.12.1
	PORTS=(lan0 lan2)
	MACS=(02:00:00:00:00:01 02:00:00:00:00:02)
	LANS="lan0 lan2"
}

bridged_up() {
	bridge_up gw br-lan
	ip addr add $LAN_GW/24 dev br-lan
	host_up lan1 gw p-lan1 $LAN1_ADDR/24 $LAN1_ADDR6/64
	host_up srv gw p-srv $SRV_ADDR/24 $SRV_ADDR6/64
	ip link set p-lan1 master br-lan
	ip link set p-srv master br-lan
	device_mac br-lan 1
	ip -n srv route add default via $LAN_GW
	PORTS=(p-lan1 p-srv)
	MACS=(02:00:00:00:00:01 02:00:00:00:00:01)
	LANS=br-lan
}

networks_up() {
	local device
	ip netns attach gw $$
	ns_settle gw
	sysctl -qw net.ipv4.conf.all.rp_filter=1 net.ipv4.conf.all.send_redirects=0 net.ipv4.conf.default.send_redirects=0
	# As both hairpin and the rules that it exports ask for: a bridge shows netfilter nothing that is not routed.
	[ ! -e /proc/sys/net/bridge ] || sysctl -qw net.bridge.bridge-nf-call-iptables=0
	netfilter_waits
	inet_up
	ip route add 10.0.0.0/8 via $INET_ADDR
	device_mac wan 3
	if [ "$TOPOLOGY" = bridge ]; then bridged_up; else plain_up; fi
	ip -n lan1 route add default via $LAN_GW
	add_clients lan1 192.168.11 100 "$CLIENTS"
	ip -n lan1 addr add 192.168.11.100/24 dev eth0
	for device in "${PORTS[@]}" wan; do
		offload gw "$device"
	done
	for device in lan1 srv inet; do
		offload $device eth0
	done
	neighbours_up
}

# As long as hairpin does, instead of 30 and 120 s: nobody's flows of UDP end while the others have their turns.
netfilter_waits() {
	local key
	for key in udp_timeout udp_timeout_stream; do
		[ ! -e /proc/sys/net/netfilter/nf_conntrack_$key ] || sysctl -qw net.netfilter.nf_conntrack_$key=300
	done
}

# Known beforehand, so that nobody loses a frame, or time, to finding them out.
neighbours_up() {
	local i clients=()
	for ((i = 0; i < CLIENTS; i++)); do
		clients+=(192.168.11.$((100 + i)))
	done
	neighbours wan inet $INET_ADDR
	neighbours "${LANS##* }" srv "$SRV_ADDR"
	neighbours "${LANS%% *}" lan1 "${clients[@]}"
}

neighbours() { # DEVICE NS ADDRESS...
	local device=$1 ns=$2 mac
	shift 2
	mac=$(ip -n "$ns" -j link show eth0 | jq -r '.[0].address')
	printf "neigh replace %s dev $device lladdr $mac nud permanent\n" "$@" | ip -batch -
}

# ends: FROM, TO, their ports at the gateway and what the flows are, by the way.
ends() {
	case $WAY in
	ask)
		FROM=lan1 TO=srv BARE=("${PORTS[@]}") VIA=${MACS[0]} BACK=${MACS[1]}
		CLIENT=192.168.11.100 TARGET=$WAN_ADDR:$SERVICE_PORT SERVER=$SRV_ADDR:$SERVICE_PORT SEEN=$WAN_ADDR
		;;
	out)
		FROM=lan1 TO=inet BARE=("${PORTS[0]}" wan) VIA=${MACS[0]} BACK=02:00:00:00:00:03
		CLIENT=192.168.11.100 TARGET=$INET_ADDR:$SERVICE_PORT SERVER=$INET_ADDR:$SERVICE_PORT SEEN=$WAN_ADDR
		;;
	in)
		FROM=inet TO=srv BARE=(wan "${PORTS[1]}") VIA=02:00:00:00:00:03 BACK=${MACS[1]}
		CLIENT=10.0.0.1 TARGET=$WAN_ADDR:$SERVICE_PORT SERVER=$SRV_ADDR:$SERVICE_PORT SEEN=""
		;;
	esac
	TTL=63
	case $CONTENDER in
	bare) TTL=64 TARGET=$SERVER SEEN="" ;;
	routing) TARGET=$SERVER SEEN="" ;;
	esac
}

# FIRST_PORT and the following. The one that is asked is among them.
conf() { # OF-WAN FORWARDS
	local lan
	printf 'role: gateway\nwan: { interface: wan%s }\nlan:\n' "$1"
	for lan in $LANS; do
		printf '  - interface: %s\n' "$lan"
	done
	printf 'services:\n  - name: bench\n    host: %s\n    ports: ["%s-%s/udp", 5201/tcp]\n' "$SRV_ADDR" $FIRST_PORT $((FIRST_PORT + $2 - 1))
}

# conf_nat: what a contender says of its own; all else is as shipped.
conf_nat() {
	printf 'nat:\n  backend: %s\n' "$([ "$CONTENDER" = backend ] && echo nftables || echo bpf)"
	[ "$CONTENDER" != xdp ] || printf '  fast-path: on\n'
	[ "$sessions" = auto ] || printf '  limits: { sessions: %s }\n' "$sessions"
}

# forwards_write: what contender_up or forwards_apply put in force.
forwards_write() {
	if [ "$CONTENDER" = nftables ]; then
		# What a configuration could only guess from the device, the rules have to be told.
		conf ", public-address: $WAN_ADDR" "$forwards" >"$CONF"
		"$HAIRPIN" export nftables "$CONF" >"$LAB_DIR/rules.nft"
	else
		{
			conf "" "$forwards"
			conf_nat
		} >"$CONF"
	fi
}

# In force when it returns.
forwards_apply() {
	if [ "$CONTENDER" = nftables ]; then
		nft -f "$LAB_DIR/rules.nft"
	else
		hp reload
	fi
}

contender_up() {
	case $CONTENDER in
	bare) "$LOAD" bare "gw/${BARE[0]}" "${BARE[1]}" ;;
	routing) sysctl -qw net.ipv4.ip_forward=1 ;;
	nftables)
		sysctl -qw net.ipv4.ip_forward=1
		forwards_write
		forwards_apply
		;;
	*)
		forwards_write
		"$HAIRPIN" check "$CONF" >"$LAB_DIR/refused" 2>&1 || unable
		hairpind_start
		;;
	esac
}

# A version that does not have what is asked for says so.
unable() {
	local why
	why=$(sed -n 's/.*yaml:[0-9]*: \(.*not in this version.*\)/\1/p' "$LAB_DIR/refused")
	if [ -n "$why" ]; then
		echo "unable $why" >&3
		exit 0
	fi
	fail "$(cat "$LAB_DIR/refused")"
}

# All sessions are gone, and the table is as new.
contender_anew() {
	case $CONTENDER in
	bare | routing) ;;
	nftables) conntrack -F ;;
	*)
		hp detach
		finished hairpind
		contender_up
		;;
	esac
}

# The rules of netfilter, as they were printed by hairpin.
rules() {
	cat "$LAB_DIR/rules.nft" >&3
}

# says: what hairpin says of its fast path here.
says() {
	"$HAIRPIN" -j status | jq -c .backend.fast_path >&3
}

# What load is told in this place, whatever else it is told.
load() {
	"$LOAD" from=$FROM/eth0 to=$TO/eth0 client=$CLIENT target=$TARGET server=$SERVER ${SEEN:+seen=$SEEN} \
		via=$VIA back=$BACK ttl=$TTL cpu=$((OTHER_CPU + 1)) "$@" >&3
}

# tcp SECONDS STREAMS on|off: goodput in bits a second as the receiver has it, with or without segmentation offload at both ends.
tcp() {
	local ns
	for ns in lan1 srv; do
		nsenter --net=/run/netns/$ns ethtool -K eth0 gso "$3" tso "$3" >/dev/null
	done
	spawn iperf srv iperf3 -s -1 -A $OTHER_CPU
	wait_for 10 "listens srv tcp 5201"
	lan1 iperf3 -c "${TARGET%:*}" -t "$1" -P "$2" -A $((OTHER_CPU + 1)) -J |
		jq -c '{bits_per_second: .end.sum_received.bits_per_second, retransmits: .end.sum_sent.retransmits}' >&3
	finished iperf
}

connections_in_use() {
	awk '/^nf_conntrack / { print $2 }' /proc/slabinfo
}

# Whether they have not changed for a second; or it is ten since began_ms: where others use the table it never stands still.
connections_stand() {
	local now
	now=$(connections_in_use)
	[ "$now" = "$seen" ] || changed_ms=$(now_ms)
	seen=$now
	[ "$(now_ms)" -ge $((changed_ms + 1000)) ] || [ "$(now_ms)" -ge $((began_ms + 10000)) ]
}

# Those of a namespace that has ended go behind its end; counted as there before, they would be missing from what grows.
connections_settle() {
	local seen='' changed_ms=0 began_ms
	began_ms=$(now_ms)
	wait_for 20 connections_stand
}

# memory: octets that the kernel accounts for. fixed: what is there for nat.limits.sessions before anybody comes; the tables of mappings are apart. caches: those of
# netfilter's octets that are in use, by slab.
memory() {
	local map
	if [[ $CONTENDER =~ nftables|backend ]]; then
		connections_settle
		awk -v buckets="$(cat /sys/module/nf_conntrack/parameters/hashsize)" '/^(nf_conntrack|kmalloc-)/ { octets += $2 * $4 }
			/^(nf_conntrack|kmalloc-)/ { caches = caches ", \"" $1 "\": " $2 * $4 }
			END { printf "{\"fixed\": %d, \"growing\": %d, \"caches\": {%s}}\n", 8 * buckets, octets, substr(caches, 3) }' /proc/slabinfo
	else
		for map in "$PINS"/*/hp_*; do
			bpftool -j map show pinned "$map"
		done | jq -sc --argjson sessions "$sessions" 'map(select(.name | test("mappings|bindings|resting|old_ports") | not))
			| {growing: (map(.bytes_memlock) | add), fixed: (map(select(.max_entries >= $sessions / 8) | .bytes_memlock) | add), caches: {}}'
	fi >&3
}

# reload_under_load RATE: other forwards than before are put in force while one of those that stay is used, from before until after.
reload_under_load() {
	local began before status=0
	FIRST_PORT=$((FIRST_PORT == SERVICE_PORT ? SERVICE_PORT - forwards / 2 : SERVICE_PORT))
	forwards_write
	before=$(sent_frames)
	load flows=1000 rate="$1" ms=20000 batch=16 3>"$LAB_DIR/loaded" &
	# The first 2,000 frames are those that open the flows and go on in them.
	wait_for 10 "[ \$(sent_frames) -gt $((before + 3000)) ]"
	began=$(now_ms)
	forwards_apply
	echo "{\"ms\": $(($(now_ms) - began)), \"load\": " >&3
	pkill -INT -P $! load || true
	wait $! || status=$?
	cat "$LAB_DIR/loaded" >&3
	echo "}" >&3
	return $status
}

sent_frames() {
	nsenter --net="/run/netns/$FROM" ip -j -s link show eth0 | jq '.[0].stats64.tx.packets'
}

taskset -pc $OTHER_CPU $$ >/dev/null
networks_up
ends
contender_up
echo "ready" >&3
while read -r line; do
	status=0
	# In a place where a failed command does not end the script.
	eval "$line" || status=$?
	echo "done $status" >&3
done
