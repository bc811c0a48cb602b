#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# `check --facts` judges by what `show facts -j` wrote, without looking at the machine, and names what such a file lacks.
. "$(dirname "$0")/lab.sh"

lab_up bridge
hairpin_up < <(standard_services)
hp -j show facts >"$LAB_DIR/facts.json"
hp check --facts "$LAB_DIR/facts.json"
hairpind_stop
hp detach
assert_eq "$(hp_json check --facts "$LAB_DIR/facts.json" -- .would_apply.public_address)" $WAN_ADDR "public address"

sed "s/\"$WAN_ADDR\"/\"10.0.0.1\"/" "$LAB_DIR/facts.json" >"$LAB_DIR/second.json"
assert_eq "$(exit_status hp check --facts "$LAB_DIR/second.json" 2>"$LAB_DIR/check.txt")" 1 "behind a second router"
grep 10.0.0.1 "$LAB_DIR/check.txt"
echo '{}' >"$LAB_DIR/empty.json"
assert_eq "$(exit_status hp check --facts "$LAB_DIR/empty.json" 2>"$LAB_DIR/check.txt")" 1 "an empty file"
grep "empty.json: links" "$LAB_DIR/check.txt"
