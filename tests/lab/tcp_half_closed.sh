#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A connection whose client has closed its half lasts as an established one: the server answers after more than the transitory time.
# Requirements: 23, 28, 49.
. "$(dirname "$0")/lab.sh"

lab_up bridge
hairpin_up </dev/null
mkfifo "$LAB_DIR/answer"
exec 3<>"$LAB_DIR/answer"
spawn server inet socat -t 600 "OPEN:$LAB_DIR/answer,rdonly!!CREATE:$LAB_DIR/question" TCP-LISTEN:7001
wait_for 10 'listens inet tcp 7001'
# Its input is at its end from the start, so it closes its half once it has sent it.
echo asked >"$LAB_DIR/asked"
spawn client lan1 socat -t 600 "OPEN:$LAB_DIR/asked,rdonly!!CREATE:$LAB_DIR/heard" TCP:$INET_ADDR:7001,sourceport=40000
wait_for 10 "[ \"\$(tcp_state $LAN1_ADDR 40000)\" = fin-initiator ]"
wait_for 5 'grep -qx asked "$LAB_DIR/question"'
# Both have spoken for the last time before the answer: nothing comes any more that would make it young again.
wait_for 5 "in_ns lan1 ss -Htn state fin-wait-2 | grep -q :40000"

age 1000
reload
wait_for 40 "[ \$(hp_json show sessions -- '.sessions | map(select(.idle_s > 900)) | length') -ge 1 ]"
echo answered >&3
wait_for 10 'grep -qx answered "$LAB_DIR/heard"'
