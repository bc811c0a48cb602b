#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The service manager is told READY=1, and not before the data plane stands; then that the daemon lives, when it reloads and what came of it, and that it ends.
. "$(dirname "$0")/lab.sh"

heard() { # WORD: how often
	grep -c "^$1" "$LAB_DIR/notify.log" || true
}

lab_up bridge
standard_services | gw_conf
echo_serve srv 7000
spawn notify gw socat -u UNIX-RECV:/run/notify,mode=666 -
wait_for 5 '[ -S /run/notify ]'
export NOTIFY_SOCKET=/run/notify WATCHDOG_USEC=400000
hairpind_run
unset NOTIFY_SOCKET WATCHDOG_USEC
wait_for 20 '[ "$(heard READY=1)" = 1 ]'
lan1 ask $WAN_ADDR:7000
hp status
assert_match "$(grep '^STATUS=' "$LAB_DIR/notify.log")" "generation 1, 2 services" "its one line"
wait_for 10 '[ "$(heard WATCHDOG=1)" -ge 3 ]'

reload
wait_for 5 '[ "$(heard READY=1)" = 2 ]'
assert_eq "$(heard RELOADING=1)" 1 "reloads, by command"
echo "nonsense: yes" >>$CONF
kill -HUP "${LAB_PIDS[hairpind]}"
# A configuration that is refused ends the reload as well.
wait_for 5 '[ "$(heard READY=1)" = 3 ]'
assert_match "$(grep '^STATUS=' "$LAB_DIR/notify.log" | tail -n 1)" "the running configuration stays" "what came of it"
hairpind_stop
wait_for 5 '[ "$(heard STOPPING=1)" = 1 ]'
