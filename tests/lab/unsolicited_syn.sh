#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A connection that nobody here asked for: unsolicited_syn.sh BUILD closed|filtered|not-allowed|silent
#
# The first SYN meets silence, its repetition six seconds later port unreachable, which the client's program hears as a refusal; with
# nat.unsolicited: silent never. The lab does not wait: the note of the first is made older.
# Requirements: 26, 27.
. "$(dirname "$0")/lab.sh"

case=$1 port=5000
lab_up bridge
hairpin_up <<END
nat:
  limits: { sessions: 16384 }
  unsolicited: $([ "$case" = silent ] && echo silent || echo answer)
services:
  - name: private
    host: $SRV_ADDR
    ports: [7000/tcp, 7000/udp]
    allow: [203.0.113.0/24]
END
case $case in
closed | silent) reason=drop-closed ;;
not-allowed) reason=drop-not-allowed port=7000 ;;
filtered)
	reason=drop-filtered
	echo_serve inet 7001
	srv ask -t -p 5000 $INET_ADDR:7001
	;;
esac
# Not the capture that every lab makes: there may be none.
capture_start told inet eth0 icmp
errors() { captured told "icmp and src host $WAN_ADDR and dst host $INET_ADDR2"; }

before=$(packets $reason)
spawn client inet ask -t -b $INET_ADDR2 -p 6000 -w 9000 $WAN_ADDR:$port
wait_for 10 "[ \$(packets $reason) -gt $before ]"
if [ "$case" = silent ]; then
	# A repetition comes and changes nothing.
	wait_for 10 "[ \$(packets $reason) -ge $((before + 2)) ]"
	assert_eq "$(notes)" 0 "notes"
	stop client KILL || true
	assert_eq "$(errors)" 0 "errors that the client was sent"
	exit 0
fi
assert_eq "$(errors)" 0 "errors in answer to the first"
age_note 7
refute finished client
assert_eq "$(cat "$LAB_DIR/client.log")" "Connection refused" "what the client hears"
wait_for 10 '[ "$(errors)" -ge 1 ]'
assert_eq "$(errors)" 1 "errors that the client was sent"
assert_eq "$(notes)" 0 "notes after the answer"
# A datagram to a service for others is refused at once, one to a closed port is not.
assert_eq "$(inet ask -b $INET_ADDR2 -w 3000 $WAN_ADDR:7000 || true)" "Connection refused" "a datagram that is not allowed"
assert_eq "$(inet ask -b $INET_ADDR2 -w 700 $WAN_ADDR:7003 || true)" "no answer" "a datagram to a closed port"
