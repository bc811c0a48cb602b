#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# status and every show have JSON with -j, before or after the command, and text for people without; unknown words are told.
. "$(dirname "$0")/lab.sh"

lab_up bridge
hairpin_up < <(standard_services)
echo_serve srv 7000
lan1 ask $WAN_ADDR:7000

for what in status "show services" "show mappings" "show sessions" "show ports" "show drops" "show facts"; do
	# shellcheck disable=SC2086
	hp -j $what | jq -e 'type == "object"' >/dev/null
	# shellcheck disable=SC2086
	hp $what -j | jq -e 'type == "object"' >/dev/null
	# shellcheck disable=SC2086
	hp $what | has .
done
hp status | has $WAN_ADDR
hp show services | has web.example.com
hp show sessions | has hairpin
assert_eq "$(hp_json show services -- '[.services[].name] | join(",")')" web,echo "services"
assert_eq "$(exit_status hp stauts 2>"$LAB_DIR/word.txt")" 2 "an unknown command"
grep -q status "$LAB_DIR/word.txt"
assert_eq "$(exit_status hp show nonsense)" 2 "an unknown thing to show"
