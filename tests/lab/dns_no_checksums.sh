#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Where the LAN's device makes no checksums a client that asks much at once is answered all the same: kernels before 6.11 refuse such a device
# several answers as one message.
. "$(dirname "$0")/lab.sh"

lab_up plain
auth_serve </dev/null
hairpin_up < <(names_conf)
ethtool -K lan0 tx off >&2
assert_match "$(ethtool -k lan0)" "tx-checksumming: off" "the device"
echo "app.example.com A" >"$LAB_DIR/questions"
for ((i = 1; i <= 3; i++)); do
	assert_match "$(lan1 dns_load -n 2000 -c 1 -w 64 $LAN_GW "$LAB_DIR/questions")" "^answered 2000, NOERROR 2000, lost 0 " "round $i"
done
