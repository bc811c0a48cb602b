#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# `check` says what is good to know about a preset that is used, and that is no finding; of one that needs no word it says none.
. "$(dirname "$0")/lab.sh"

check_notes() {
	hp_json check "$CONF" -- '.findings[] | select(.kind == "preset") | "\(.level) \(.text)"'
}

lab_up bridge
gw_conf <<END
services:
  - name: desk
    host: $SRV_ADDR
    preset: rustdesk
END
assert_eq "$(check_notes)" "" "notes about rustdesk"

gw_conf <<END
services:
  - name: desk
    host: $SRV_ADDR
    preset: rustdesk-web
END
assert_match "$(check_notes)" '^note service desk: rustdesk-web: .*X-Real-IP' "the note"
assert_match "$(hp check)" 'note +service desk: rustdesk-web: .*X-Real-IP' "the same for people"
assert_eq "$(exit_status hp check)" 0 "exit status"
