#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Names that others chose are any octets: every answer is JSON all the same, the daemon lives, and nothing reaches the terminal that
# would move its cursor.
. "$(dirname "$0")/lab.sh"

lab_up bridge
hairpin_up < <(standard_services)
pid=$(hp_json status -- .pid)
odd="$LAB_DIR"/$'\xff\x1b[31m.yaml'
printf 'role: bridge\n' >"$odd"
assert_eq "$(exit_status "$HAIRPIN" apply "$odd" 2>"$LAB_DIR/apply.txt")" 1 "apply"
"$HAIRPIN" -j apply "$odd" >"$LAB_DIR/apply.json" || true
jq -e '.errors | length > 0' "$LAB_DIR/apply.json"
refute grep -q $'\x1b' "$LAB_DIR/apply.txt"
assert_eq "$(hp_json status -- .pid)" "$pid" "the daemon"
hp -j check "$odd" >"$LAB_DIR/check.json" || true
jq -e '.valid == false' "$LAB_DIR/check.json"

# A program that calls itself something else listens on a forwarded port.
cp "$HELPERS/echod" "$LAB_DIR"/$'e\xff\x1b[2J'
spawn odd gw "$LAB_DIR"/$'e\xff\x1b[2J' 7000
wait_for 10 'listens gw tcp 7000'
hp -j check >"$LAB_DIR/check.json" || true
jq -e '[.findings[] | select(.kind == "listener") | .text | contains("7000/tcp")] | any' "$LAB_DIR/check.json"
hp check >"$LAB_DIR/check.txt" || true
refute grep -q $'\x1b' "$LAB_DIR/check.txt"

# A configuration whose own path is no text.
hp detach
cp $CONF "$odd"
gw "$HAIRPIND" -f "$odd" &
wait_for 30 '"$HAIRPIN" status'
hp -j status | jq -e '.configuration | length > 0'
hp detach
