#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The service manager is told READY=1, and not before the data plane stands.
. "$(dirname "$0")/lab.sh"

lab_up bridge
standard_services | gw_conf
echo_serve srv 7000
spawn notify gw socat -u UNIX-RECV:/run/notify,mode=666 -
wait_for 5 '[ -S /run/notify ]'
export NOTIFY_SOCKET=/run/notify
hairpind_run
wait_for 20 'grep -q READY=1 "$LAB_DIR/notify.log"'
lan1 ask $WAN_ADDR:7000
hp status
