#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A file of changes that cannot be read stops no start: it is kept aside and named in the log, and changes work again.
. "$(dirname "$0")/lab.sh"

lab_up bridge
auth_serve </dev/null
state=/var/lib/hairpin/operator.json
echo '{"version": 1, "rewr' >$state
cp $state "$LAB_DIR/damaged.json"
hairpin_up < <(names_conf)
grep -q "operator.json: damaged: .* is kept as operator.json.damaged" "$LAB_DIR/hairpind.log"
hp status >"$LAB_DIR/status.txt"
grep -q "operator.json: damaged" "$LAB_DIR/status.txt"
cmp $state.damaged "$LAB_DIR/damaged.json"
refute test -e $state
assert_eq "$(ask_name lan1 $LAN_GW app.example.com A)" $SRV_ADDR "a name of the file"

hp rewrite add nas.example.com 192.168.11.50
hairpind_stop
hairpind_start
assert_eq "$(ask_name lan1 $LAN_GW nas.example.com A)" 192.168.11.50 "a name that was added since"
cmp $state.damaged "$LAB_DIR/damaged.json"
