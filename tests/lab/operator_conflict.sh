#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What the file says of a name counts more than what was said by command, and that is told wherever somebody would look.
. "$(dirname "$0")/lab.sh"

lab_up bridge
auth_serve </dev/null
with_nas() {
	names_conf
	echo "  rewrites: [ { domain: nas.example.com, answer: 192.168.11.50 } ]"
}
hairpin_up < <(with_nas)
told() { # NAME
	hp status >"$LAB_DIR/status.txt"
	grep -q "$1: .*that counts" "$LAB_DIR/status.txt" && grep -q "$1: .*that counts" "$LAB_DIR/hairpind.log"
}

hp rewrite add nas.example.com 192.168.11.51 >"$LAB_DIR/answer.txt"
grep -q "nas.example.com: stands in .* on line [0-9]*, and that counts" "$LAB_DIR/answer.txt"
assert_eq "$(ask_name lan1 $LAN_GW nas.example.com A)" 192.168.11.50 "a name of the file"
told nas.example.com
hp rewrite add app.example.com 192.168.11.52 >"$LAB_DIR/answer.txt"
grep -q "app.example.com: a name of service app" "$LAB_DIR/answer.txt"
assert_eq "$(ask_name lan1 $LAN_GW app.example.com A)" $SRV_ADDR "a name of a service"
told app.example.com
assert_eq "$(hp_json rewrite list -- '[.rewrites[].in_force] | any')" false "in force"

# The file lets go of it.
names_conf | gw_conf
reload
assert_eq "$(ask_name lan1 $LAN_GW nas.example.com A)" 192.168.11.51 "a name of the file no more"
hp status >"$LAB_DIR/status.txt"
refute grep -q nas.example.com "$LAB_DIR/status.txt"
# And takes it.
with_nas | gw_conf
hairpind_stop
hairpind_start
assert_eq "$(ask_name lan1 $LAN_GW nas.example.com A)" 192.168.11.50 "a name of the file again"
told nas.example.com
