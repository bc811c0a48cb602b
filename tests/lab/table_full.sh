#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A full table refuses new flows and counts them; the flows that it holds go on.
# Requirements: 68.
. "$(dirname "$0")/lab.sh"

lab_up bridge
hairpin_up <<END
nat:
  limits: { sessions: 256 }
END
echo_serve inet 7001
http_serve inet 80
http_files inet 1500000
download file guest http://$INET_ADDR/slow
grows file

before=$(packets drop-table-full)
spawn crowd lan1 many_flows 400 $INET_ADDR:7001
wait_for 60 'grep -q answered "$LAB_DIR/crowd.log"'
answered=$(sed -n 's/answered \([0-9]*\) of 400/\1/p' "$LAB_DIR/crowd.log")
assert_ge "$answered" 200 "flows that found room"
assert_lt "$answered" 256 "flows that found room"
assert_counted drop-table-full "$before" 100
refute srv ask -w 500 $INET_ADDR:7001
downloaded file inet
