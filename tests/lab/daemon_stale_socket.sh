#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A socket that a dead daemon left is replaced, and the new one is the daemon's own.
. "$(dirname "$0")/lab.sh"

lab_up bridge
hairpin_up </dev/null
hairpind_kill
[ -S /run/hairpin/control.sock ]
assert_eq "$(exit_status hp status)" 3 "status by the stale socket"
hairpind_start
assert_eq "$(stat -c '%a %U' /run/hairpin/control.sock)" "660 root" "mode and owner of the socket"
