#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# make bench, with next to nothing to do: every contender delivers every frame, and the sink counts none that is not as it should be.
. "$(dirname "$0")/lab.sh"

python3 "$LAB_SRC/../bench/nat.py" "$LAB_BUILD" --tiny --works steady-1000,both-1000,bridge-1000,memory-in,outside-1000000,memory-out \
	--out "$LAB_DIR/nat.json" --picture "$LAB_DIR/nat.svg" >"$LAB_DIR/table.log"
result() {
	jq -c "$1" "$LAB_DIR/nat.json"
}
for work in steady-1000 both-1000 bridge-1000 memory-in outside-1000000 memory-out; do
	contenders="nftables backend tc xdp"
	[[ $work =~ outside|memory ]] || contenders="bare routing $contenders"
	for contender in $contenders; do
		assert_eq "$(result ".runs[\"$work\"].$contender | map(.load.sent > 0 and .load.sent == .load.right and .load.wrong == {}) | unique")" "[true]" \
			"$contender in $work: every frame arrived as it should"
		# What the slabs hold is the whole machine's; that of so few sessions is lost in it.
		[[ ! "$work $contender" =~ ^memory.*(nftables|backend)$ ]] || continue
		assert_ge "$(result ".rows[] | select(.work == \"$work\" and .contender == \"$contender\") | .median | floor")" 1 "frames a second, or octets"
	done
done
assert_match "$(result .says.xdp)" '"path":"xdp"' "where the fast path is on, it is what was measured"
assert_match "$(result .rules)" 'table ip hairpin_export' "the rules stand beside the result"
has 'hairpin, tc' <"$LAB_DIR/nat.svg"

# A translator that is wrong wins nothing: without the gateway's own source address, what the server gets does not count.
# place WAY LINE...: what load prints there.
place() {
	local way=$1
	shift
	(unset LAB_INSIDE && printf '%s\n' "$@" | "$LAB_SRC/../bench/place.sh" "$LAB_BUILD" nftables plain "$way") | grep '^{'
}
mangled=$(place ask 'nft flush chain ip hairpin_export postrouting' 'load flows=10 frames=100')
assert_eq "$(jq -c '[.right, .wrong.address]' <<<"$mangled")" "[0,100]" "frames of a translator that forgot half"

# Nor does one that sends to one address what was for another.
mangled=$(place out 'nft add rule ip hairpin_export prerouting ip daddr 10.0.0.2 dnat to 10.0.0.1' \
	'load flows=10 per=5 targets=2 target=10.0.0.1:7000 server=10.0.0.1:7000 warm=0 frames=100')
assert_eq "$(jq -c '[.right, .wrong.address]' <<<"$mangled")" "[50,50]" "frames of a translator that has one address outside for two"

# Frames and time: until both are reached.
both=$(place ask 'load flows=10 frames=200000 ms=1')
assert_ge "$(jq .right <<<"$both")" 200000 "frames, although the time was over before"
