#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Loopback of a dynamic mapping: hairpin_dynamic.sh BUILD bridge|plain lan1|guest|srv
#
# A host that opened a mapping towards the outside is reached there by other hosts inside, and by itself, each seen with its external
# endpoint (RFC 4787 REQ-9a).
# Requirements: 11, 12.
. "$(dirname "$0")/lab.sh"

layout=$1 client=$2
lab_up "$layout"
hairpin_up </dev/null
echo_serve inet 7001
spawn host srv ask -k -p 5000 $INET_ADDR:7001
wait_for 10 'grep -qx "$WAN_ADDR:5000" "$LAB_DIR/host.log"'

assert_eq "$(in_ns "$client" ask -p 6000 $WAN_ADDR:5000)" "$WAN_ADDR:6000" "the answer of the host"
grep -qx "from $WAN_ADDR:6000" "$LAB_DIR/host.log"
