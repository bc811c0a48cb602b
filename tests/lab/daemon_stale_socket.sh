#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A socket that a dead daemon left is replaced, and the new one is the daemon's own.
. "$(dirname "$0")/lab.sh"

lab_up bridge
echo "hairpin:x:4321:" >>/etc/group
hairpin_up </dev/null
hairpind_kill
[ -S /run/hairpin/control.sock ]
assert_eq "$(exit_status hp status)" 3 "status by the stale socket"
hairpind_start
assert_eq "$(stat -c '%a %u:%g' /run/hairpin/control.sock)" "660 0:4321" "mode, owner and group of the socket"
