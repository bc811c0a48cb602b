#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A range is forwarded port by port, also onto internal ports that differ, and the ports beside it are closed.
. "$(dirname "$0")/lab.sh"

lab_up bridge
hairpin_up <<END
services:
  - name: range
    host: $SRV_ADDR
    ports: ["30000-30009:31000-31009/udp", 32000-32003/tcp]
END
echo_serve srv 31000 31004 31009 32000 32003

closed=$(packets drop-closed)
for offset in 0 4 9; do
	assert_eq "$(inet ask -p 40001 $WAN_ADDR:$((30000 + offset)))" "$INET_ADDR:40001" "udp, offset $offset"
done
assert_match "$(inet ask -t $WAN_ADDR:32000)" "^$INET_ADDR:" "first of the tcp range"
assert_match "$(inet ask -t $WAN_ADDR:32003)" "^$INET_ADDR:" "last of the tcp range"
for port in 29999 30010 31000; do
	refute inet ask -w 300 $WAN_ADDR:$port
done
refute inet ask -t -w 300 $WAN_ADDR:32004
assert_counted drop-closed "$closed" 4
