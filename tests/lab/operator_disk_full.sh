#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# With a full disk a change fails and says why, and nothing is changed, now or at the next start.
. "$(dirname "$0")/lab.sh"

lab_up bridge
mount -t tmpfs -o size=512k lab-state /var/lib/hairpin
auth_serve </dev/null
hairpin_up < <(names_conf)
hp rewrite add nas.example.com 192.168.11.50
cp /var/lib/hairpin/operator.json "$LAB_DIR/before.json"
refute cp /dev/zero /var/lib/hairpin/full 2>/dev/null

for change in "add new.example.com 192.168.11.51" "add nas.example.com 192.168.11.52" "remove nas.example.com"; do
	# shellcheck disable=SC2086
	assert_eq "$(exit_status hp rewrite $change 2>"$LAB_DIR/why.txt")" 1 "rewrite $change"
	grep -q "operator.json: cannot be written: No space left on device" "$LAB_DIR/why.txt"
	assert_eq "$(ask_name lan1 $LAN_GW nas.example.com A)" 192.168.11.50 "what was there"
	assert_eq "$(ask_name lan1 $LAN_GW new.example.com A)" NXDOMAIN "what was refused"
	cmp /var/lib/hairpin/operator.json "$LAB_DIR/before.json"
done
hairpind_kill
hairpind_start
assert_eq "$(ask_name lan1 $LAN_GW nas.example.com A)" 192.168.11.50 "what was there, after a restart"
assert_eq "$(ask_name lan1 $LAN_GW new.example.com A)" NXDOMAIN "what was refused, after a restart"

rm /var/lib/hairpin/full
hp rewrite add new.example.com 192.168.11.51
assert_eq "$(ask_name lan1 $LAN_GW new.example.com A)" 192.168.11.51 "with room again"
