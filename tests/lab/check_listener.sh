#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A forward over a port on which a program of the gateway listens wins, and `check` names the program.
. "$(dirname "$0")/lab.sh"

lab_up bridge
echo_serve gw 7000
echo_serve srv 7000
standard_services | gw_conf
assert_eq "$(exit_status hp check $CONF 2>"$LAB_DIR/check.txt")" 1 "check"
grep 7000 "$LAB_DIR/check.txt" | grep echod

hairpind_start
capture_start server srv eth0 'udp dst port 7000'
inet ask -p 4000 $WAN_ADDR:7000
capture_stop server
assert_eq "$(captured server "src $INET_ADDR and src port 4000")" 1 "datagrams at the server"
