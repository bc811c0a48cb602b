#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# make bench, with next to nothing to do: every contender delivers every frame, and the sink counts none that is not as it should be.
. "$(dirname "$0")/lab.sh"

python3 "$LAB_SRC/../bench/nat.py" "$LAB_BUILD" --tiny --works steady-1000,both-1000,bridge-1000,outside-1000000 \
	--out "$LAB_DIR/nat.json" --picture "$LAB_DIR/nat.svg" >"$LAB_DIR/table.log"
result() {
	jq -c "$1" "$LAB_DIR/nat.json"
}
for work in steady-1000 both-1000 bridge-1000 outside-1000000; do
	contenders="nftables backend tc xdp"
	[ $work = outside-1000000 ] || contenders="bare routing $contenders"
	for contender in $contenders; do
		assert_eq "$(result ".runs[\"$work\"].$contender | map(.load.sent > 0 and .load.sent == .load.right and .load.wrong == {}) | unique")" "[true]" \
			"$contender in $work: every frame arrived as it should"
		assert_ge "$(result ".rows[] | select(.work == \"$work\" and .contender == \"$contender\") | .median | floor")" 1 "frames a second"
	done
done
assert_match "$(result .says.xdp)" '"path":"xdp"' "where the fast path is on, it is what was measured"
assert_match "$(result .rules)" 'table ip hairpin_export' "the rules stand beside the result"
has 'hairpin, tc' <"$LAB_DIR/nat.svg"

# A translator that is wrong wins nothing: without the gateway's own source address, what the server gets does not count.
place() {
	(unset LAB_INSIDE && printf '%s\n' "$@" | "$LAB_SRC/../bench/place.sh" "$LAB_BUILD" nftables plain ask)
}
mangled=$(place 'nft flush chain ip hairpin_export postrouting' 'load flows=10 frames=100' | sed -n 's/^{/{/p')
assert_eq "$(jq -c '[.right, .wrong.address]' <<<"$mangled")" "[0,100]" "frames of a translator that forgot half"
