#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What comes again and again is written a few times, and then counted.
. "$(dirname "$0")/lab.sh"

log="$LAB_DIR/hairpind.log"
lab_up bridge
hairpin_up < <(standard_services)
for ((i = 0; i < 12; i++)); do
	reload >&2
done
assert_eq "$(grep -c 'nothing changed, generation' "$log")" 5 "lines of twelve"
# Another line has its place all the same.
echo 'nonsense: 1' >>$CONF
refute reload
has 'nonsense' <"$log"
hairpind_stop
assert_eq "$(sed -nE 's/^info: nothing changed, generation [0-9]* stays \(repeated ([0-9]*) times in [0-9]* s\)$/\1/p' "$log")" 7 "those that are counted"
