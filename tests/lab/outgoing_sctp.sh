#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# An SCTP association from a LAN host comes about under the public address and carries a file: its checksum covers no addresses.
. "$(dirname "$0")/lab.sh"

need_kernel sctp
lab_up bridge
hairpin_up </dev/null
capture_start wire inet eth0 'ip proto 132'
head -c 3000000 /dev/urandom >"$LAB_DIR/file"
spawn server inet socat -u SCTP4-LISTEN:7000 "CREATE:$LAB_DIR/got"
wait_for 10 'inet grep -q 7000 /proc/net/sctp/eps'
lan1 socat -u "FILE:$LAB_DIR/file" SCTP4-CONNECT:$INET_ADDR:7000
finished server
cmp "$LAB_DIR/file" "$LAB_DIR/got"
capture_stop wire
assert_ge "$(captured wire "src $WAN_ADDR")" 100 "packets under the public address"
assert_eq "$(captured wire 'net 192.168.0.0/16')" 0 "packets with a private address on the provider's link"
