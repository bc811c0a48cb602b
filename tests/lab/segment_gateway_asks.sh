#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The gateway itself reaches hosts on an isolated segment and gets their answers, while the same segment still reaches nothing of
# the gateway on its own.
. "$(dirname "$0")/lab.sh"

lab_up bridge
hairpin_up <<END
lan:
  - interface: $LAN_DEV
  - interface: lan2
    isolate: yes
END
echo_serve guest 7003
echo_serve gw 7002

assert_match "$(gw ask -t $GUEST_ADDR:7003)" "^$GUEST_GW:" "tcp"
assert_match "$(gw ask -t "[$GUEST_ADDR6]:7003")" "^\[$GUEST_GW6\]:" "tcp over IPv6"
assert_match "$(gw socat -T 3 - UDP4:$GUEST_ADDR:7003 <<<'who am I?')" "^$GUEST_GW:" "udp, a connected socket"
gw ping -c 1 -W 3 $GUEST_ADDR >/dev/null || fail "no answer to ping"
gw ping -c 1 -W 3 $GUEST_ADDR6 >/dev/null || fail "no answer to ping over IPv6"

isolated=$(packets drop-isolated)
! guest ask -t -w 1000 $GUEST_GW:7002 || fail "the segment reaches the gateway"
! guest ask -w 1000 $GUEST_GW:7002 || fail "the segment reaches the gateway, udp"
assert_counted drop-isolated "$isolated" 2
