# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The noted ways, as the tables have them.

# map_of NAME: where it is pinned.
map_of() {
	echo "$PINS/$(ls $PINS)/$1"
}

# pace MEMBER: epoch, ticked_s, offset_ns.
pace() {
	bpftool -j map dump pinned "$(map_of hp_pace)" | jq ".[0].formatted.value.$1"
}

# As a dump prints a __be16 on this machine.
port_number() {
	python3 -c 'import sys; print(int.from_bytes(int(sys.argv[1]).to_bytes(2, "big"), sys.byteorder))' "$1"
}

# session_of PORT: of the flow that this source port began; nothing: there is none. What has less than a word bpftool prints as text, in hexadecimal.
session_of() {
	local index key
	index=$(bpftool -j map dump pinned "$(map_of hp_flows4)" | jq -r "first(.[].formatted |
		select(.key.sport == $(port_number "$1") and .value.reply == \"0x0\") | .value.index)")
	[ -n "$index" ] || return 1
	printf -v key '%08x' "$index"
	bpftool -j map lookup pinned "$(map_of hp_sessions)" key "0x${key:6:2}" "0x${key:4:2}" "0x${key:2:2}" "0x${key:0:2}" | jq -c .formatted.value
}

# The second in which each direction's way was noted, and its epoch.
ways_of() {
	session_of "$1" | jq -c '[.way[] | [.epoch, .noted_s]]'
}

is_noted() { # PORT
	[ "$(session_of "$1" | jq -c '[.way[].epoch] | unique')" = "[$(pace epoch)]" ]
}

now_s() {
	cut -d. -f1 /proc/uptime
}

# next_second: until the one after this one.
next_second() {
	local now
	now=$(now_s)
	wait_for 3 "[ \$(now_s) -gt $now ]"
}

# assert_short PORT COMMAND...: in another second than that in which the ways of the flow were noted, its packets leave the notes as they are, which the long
# way would write anew; and yet the session was seen.
assert_short() {
	local port=$1 before seen
	shift
	before=$(ways_of "$port")
	seen=$(session_of "$port" | jq .last_seen_s)
	next_second
	"$@"
	assert_eq "$(ways_of "$port")" "$before" "the ways that were noted for port $port"
	assert_lt "$seen" "$(session_of "$port" | jq .last_seen_s)" "the second in which port $port was seen before"
}

# fast_ends: the hosts' ends of all cables take what XDP sends them, which a veth does with GRO, and make their checksums themselves, as what comes from a real cable has one.
fast_ends() {
	local ns
	for ns in lan1 srv guest inet; do
		in_ns $ns ethtool -K eth0 gro on tx off >/dev/null
	done
}

# arrived DEVICE: packets that came as far as tc there.
arrived() {
	tc -s -j qdisc show dev "$1" | jq '.[] | select(.kind == "clsact") | .packets'
}

# flow PORT NS TARGET ANSWER: asks once.
flow() {
	assert_eq "$(in_ns "$2" ask -p "$1" "$3")" "$4" "the flow of port $1"
}

# answered PORT NS TARGET ANSWER: whether it is, soon; for wait_for.
answered() {
	[ "$(in_ns "$2" ask -w 500 -p "$1" "$3")" = "$4" ]
}

# flows TIMES PORT NS TARGET ANSWER
flows() {
	local times=$1 i
	shift
	for ((i = 0; i < times; i++)); do
		LAB_QUIET=1 flow "$@"
	done
}

# arrivals "DEVICE..." PORT NS TARGET ANSWER: of twenty questions and answers of a known flow, what comes to tc on each device, in ARRIVED.
declare -A ARRIVED
arrivals() {
	local devices=$1 device
	shift
	wait_for 10 "answered $* && is_noted $1"
	ARRIVED=()
	for device in $devices; do
		ARRIVED[$device]=$(arrived "$device")
	done
	flows 20 "$@"
	for device in $devices; do
		ARRIVED[$device]=$(($(arrived "$device") - ARRIVED[$device]))
	done
}

# assert_xdp "DEVICE..." PORT NS TARGET ANSWER: tc sees hardly any of them, some seconds after a change at the latest: behind a change that the daemon has not looked at yet no way is believed, and
# one to an address that a bridge has just learnt is noted anew from its next tick on.
assert_xdp() {
	local most end=$(($(now_s) + 5))
	while :; do
		arrivals "$@"
		most=$(printf '%s\n' "${ARRIVED[@]}" | sort -n | tail -n 1)
		[ "$most" -ge 15 ] || return 0
		[ "$(now_s)" -lt $end ] || fail "packets of the flow of port $2 that came to tc on $1: ${ARRIVED[*]} of 20, for 5 s"
	done
}

# assert_tc "DEVICE..." PORT NS TARGET ANSWER: it sees all of them.
assert_tc() {
	local device
	arrivals "$@"
	for device in $1; do
		assert_ge "${ARRIVED[$device]}" 20 "packets of the flow of port $2 that came to tc on $device"
	done
}

# fast_up auto|on|off <<END: hairpin_up with that nat.fast-path.
fast_up() {
	{
		cat
		printf 'nat:\n  limits: { sessions: 16384 }\n  fast-path: %s\n' "$1"
	} | gw_conf
	hairpind_start
}

# fast_paths: "INTERFACE:WAY"... by their names.
fast_paths() {
	hp_json status -- '[.backend.fast_path | sort_by(.interface)[] | "\(.interface):\(.path)"] | join(" ")'
}

# fast_reason INTERFACE
fast_reason() {
	hp_json status -- ".backend.fast_path[] | select(.interface == \"$1\") | .reason"
}

# program_of DEVICE: the number of the XDP program there, in the driver's own mode; nothing: none.
program_of() {
	ip -j -d link show dev "$1" | jq '.[0].xdp // empty | select(.mode == 1) | .prog.id'
}

# programs_on DEVICE...: how many of them have one.
programs_on() {
	local device n=0
	for device; do
		[ -z "$(program_of "$device" 2>/dev/null)" ] || n=$((n + 1))
	done
	echo $n
}

# is_noted_to PORT: of a UDP flow to that port.
is_noted_to() {
	local from
	from=$(bpftool -j map dump pinned "$(map_of hp_flows4)" | jq -r "first(.[].formatted | select(.key.dport == $(port_number "$1") and
		.key.proto == 17 and .value.reply == \"0x0\") | .key.sport)")
	[ -n "$from" ] && is_noted "$(port_number "$from")"
}
