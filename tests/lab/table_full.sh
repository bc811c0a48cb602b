#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A full table refuses new flows, counts them and tells their host so; the flows that it holds go on, none makes room for another.
# Filled by the gateway's own flows: hosts inside always leave something to the others.
# Requirements: 45, 68.
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
spawn crowd gw many_flows 400 $INET_ADDR:7001
wait_for 60 'grep -q answered "$LAB_DIR/crowd.log"'
answered=$(sed -n 's/answered \([0-9]*\) of 400/\1/p' "$LAB_DIR/crowd.log")
assert_ge "$answered" 200 "flows that found room"
assert_lt "$answered" 256 "flows that found room"
assert_counted drop-table-full "$before" 100

capture_start refused srv eth0 'icmp[0] = 3 and icmp[1] = 13'
before=$(packets drop-table-full)
refute srv ask -w 500 $INET_ADDR:7001
assert_counted drop-table-full "$before" 1
wait_for 5 '[ "$(captured refused icmp)" -ge 1 ]'
assert_eq "$(hp_json status -- '.sessions.active')" 256 "sessions"
downloaded file inet
