#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A database that is none any more is set aside, and the log begins anew.
. "$(dirname "$0")/lab.sh"

lab_up bridge
auth_serve </dev/null
hairpin_up < <(names_conf)
folder=/var/lib/hairpin/querylog
ask_name lan1 $LAN_GW app.example.com A
wait_for 10 '[ "$(hp_json show queries -- ".queries | length")" = 1 ]'
hairpind_stop
head -c 20000 /dev/urandom >"$LAB_DIR/noise"
cat "$LAB_DIR/noise" >$folder/queries.db

hairpind_start
ask_name lan1 $LAN_GW other.example.com A
wait_for 10 '[ "$(hp_json show queries -- ".queries[0].name")" = other.example.com ]'
assert_eq "$(hp_json show queries -- '.queries[0].upstream')" $AUTH_ADDR "who answered, by name"
cmp "$LAB_DIR/noise" $folder/queries.damaged.db
assert_eq "$(grep -c 'the query log is damaged' "$LAB_DIR/hairpind.log")" 1 "lines in the log"
