#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# kill -9 of the daemon at any moment of a row of changes: what was acknowledged is there, in the file and in answers, and nothing half.
. "$(dirname "$0")/lab.sh"

lab_up bridge
auth_serve </dev/null
hairpin_up < <(names_conf)
# Each change that is acknowledged is a line; the next one is asked only then.
changes() {
	local i
	for ((i = $1; ; i++)); do
		hp rewrite add row.example.com 192.168.11.$((i % 200 + 1)) >/dev/null 2>&1 || return 0
		echo $i >>"$LAB_DIR/acknowledged"
	done
}
echo 0 >"$LAB_DIR/acknowledged"
hp rewrite add row.example.com 192.168.11.1
for ((round = 1; round <= 12; round++)); do
	before=$(tail -n 1 "$LAB_DIR/acknowledged")
	changes $((before + 1)) &
	asker=$!
	wait_for 20 "[ \"\$(tail -n 1 \"$LAB_DIR/acknowledged\")\" -gt $before ]"
	timeout 0.0$((RANDOM % 9 + 1)) tail -f /dev/null || true
	hairpind_kill
	wait $asker
	last=$(tail -n 1 "$LAB_DIR/acknowledged")
	hairpind_start
	refute grep -q damaged "$LAB_DIR/hairpind.log"
	# The one after it may have been written, and its answer lost.
	answer=$(ask_name lan1 $LAN_GW row.example.com A)
	case $answer in
	192.168.11.$((last % 200 + 1)) | 192.168.11.$(((last + 1) % 200 + 1))) ;;
	*) fail "round $round: $answer after change $last was acknowledged" ;;
	esac
done
