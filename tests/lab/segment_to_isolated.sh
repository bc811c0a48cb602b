#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A segment that is not isolated reaches hosts on an isolated one, and gets their answers.
. "$(dirname "$0")/lab.sh"

lab_up bridge
hairpin_up <<END
lan:
  - interface: $LAN_DEV
  - interface: lan2
    isolate: yes
END
echo_serve guest 7003

assert_match "$(lan1 ask $GUEST_ADDR:7003)" "^$LAN1_ADDR:" "udp, address untouched"
assert_match "$(lan1 ask -t $GUEST_ADDR:7003)" "^$LAN1_ADDR:" "tcp, address untouched"
assert_match "$(lan1 ask "[$GUEST_ADDR6]:7003")" "^\[$LAN1_ADDR6\]:" "IPv6, address untouched"
