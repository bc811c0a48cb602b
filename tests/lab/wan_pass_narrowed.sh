#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A reload that takes a port out of wan.pass closes it, also for the connection that stands.
. "$(dirname "$0")/lab.sh"

lab_up bridge
hairpin_up <<END
wan:
  interface: wan
  pass: [22/tcp, 80/tcp]
END
http_serve gw 80
echo_serve gw 22
http_files gw 2000000

download file inet http://$WAN_ADDR/slow
grows file
gw_conf <<END
wan:
  interface: wan
  pass: [22/tcp]
END
before=$(packets drop-closed)
reload
refute inet ask -t -w 500 $WAN_ADDR:80
assert_match "$(inet ask -t $WAN_ADDR:22)" "^$INET_ADDR:" "what stays passed"
wait_for 10 "[ \$(($(packets drop-closed) - $before)) -ge 2 ]"
running file || fail "the download ended, and was to be starved"
size=$(stat -c %s "$LAB_DIR/file")
inet ask -t $WAN_ADDR:22 >/dev/null
assert_eq "$(stat -c %s "$LAB_DIR/file")" "$size" "octets of the connection that was cut"
