#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A configuration that is wrong changes nothing and says why, with file, line and the word: reload_invalid.sh BUILD command|signal
. "$(dirname "$0")/lab.sh"

lab_up bridge
hairpin_up < <(standard_services)
http_serve srv 443 80
http_files srv 2000000
download file lan1 http://$WAN_ADDR/slow
grows file
before=$(generation)

sed -i 's/host: .*/host: 192.168.99.1/' $CONF
sed -i 's/443/443x/' $CONF
line=$(grep -n 443x $CONF | cut -d: -f1)
if [ "$1" = command ]; then
	assert_eq "$(exit_status hp reload 2>"$LAB_DIR/why.txt")" 1 "reload"
else
	kill -HUP "${LAB_PIDS[hairpind]}"
	wait_for 5 'grep -q 443x "$LAB_DIR/hairpind.log"'
	cp "$LAB_DIR/hairpind.log" "$LAB_DIR/why.txt"
fi
grep "$CONF:$line:.*443x" "$LAB_DIR/why.txt"
assert_eq "$(generation)" "$before" "generation"
assert_match "$(http_get inet http://$WAN_ADDR:8443/)" "^$INET_ADDR:" "the running configuration"
downloaded file srv
