#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The port scan that other tests rely on sees what is open: an open port, a refused one, a UDP answer.
. "$(dirname "$0")/lab.sh"

lab_up bridge
echo_serve gw 80
spawn scan inet scan 78-82 $WAN_ADDR
wait_for 20 'grep -q "round 2" "$LAB_DIR/scan.log"'
assert_eq "$(grep -c "tcp $WAN_ADDR:80 open" "$LAB_DIR/scan.log" | sed 's/[2-9]/many/')" many "open port"
grep -q "tcp $WAN_ADDR:79 refused" "$LAB_DIR/scan.log"
grep -q "udp $WAN_ADDR:80 answered" "$LAB_DIR/scan.log"
grep -q "udp $WAN_ADDR:81 refused" "$LAB_DIR/scan.log"
