#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The bench of growth, with small numbers: 100,000 sessions are opened through a table of 2,000 forwards and 8 segments, all of them are served and listed in the order in
# which they were opened; the daemon and the command hold a piece of that list at a time, and packets pass meanwhile as before.
LAB_PCAP=no
. "$(dirname "$0")/lab.sh"

(unset LAB_INSIDE && SCALE_OUT="$LAB_DIR/scale.json" "$LAB_SRC/../bench/scale.sh" "$LAB_BUILD" --tiny) >"$LAB_DIR/table.log"
result() {
	jq -c "$1" "$LAB_DIR/scale.json"
}
assert_eq "$(result '.rows | map([.forwards, .segments, .flows])')" "[[1,1,500],[1,1,100000],[2000,8,500],[2000,8,100000]]" "what was measured"
assert_eq "$(result '.rows | map(.hit_ns > 0 and .open_ns > 0 and .sweep_ns > 0) | all')" true "all of it has a figure"
# A row of the table of sessions would be hundred octets and more of the daemon's memory.
assert_lt "$(result '.rows | map(.rss_after_kb - .rss_before_kb) | max')" 2048 "kB that sessions cost the daemon"

assert_eq "$(result '.listing | [.listed, .in_order]')" "[100000,true]" "sessions in the list"
assert_ge "$(result .listing.octets)" 32000000 "octets of the list"
sanitized || assert_lt "$(result '.listing | .daemon_most_kb - .daemon_before_kb')" 4096 "kB that the list cost the daemon"
assert_lt "$(result .listing.client_rss_kb)" 24576 "kB of the command"
assert_eq "$(result .listing.lost)" false "datagrams lost meanwhile"
assert_ge "$(result '.listing.traffic.down.received')" 100 "datagrams that passed"
