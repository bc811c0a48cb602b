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

# session_of PORT: of the flow that this source port began; nothing: there is none.
session_of() {
	local index key
	index=$(bpftool -j map dump pinned "$(map_of hp_flows4)" | jq "first(.[].formatted |
		select(.key.sport == $(port_number "$1") and .value.reply == 0) | .value.index)")
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
