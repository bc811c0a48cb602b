#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
#   tests/package/autopkgtest.sh [BUILD]
#
# What debian/tests says of the installed package, as autopkgtest would run it: in a Debian with systemd, with what its control file names installed.
here=$(cd "$(dirname "$0")" && pwd)
DEBS=$here/../../build-deb
[ -n "${LAB_INSIDE:-}" ] || "$here/prepare" "$DEBS" || exit 1
. "$here/../lab/lab.sh"
. "$here/lib/machine.sh"
trap 'status=$?; machine_down; (exit $status); lab_end' EXIT

# field NAME: of each test of the control file, in order.
field() {
	sed -n "s/^$1: *//p" "$here/../../debian/tests/control"
}

lab_up bridge
machine_unpack "$DEBS/tree.tar"
machine_up
mapfile -t tests < <(field Tests)
assert_ge ${#tests[@]} 2 "tests that there are"
# shellcheck disable=SC2046 # one word a package
install_from first $(field Depends | tr -d , | tr ' ' '\n' | grep -vx hairpin | sort -u)
for test in "${tests[@]}"; do
	machine_copy "$here/../../debian/tests/$test" "/root/$test"
	in_machine chmod 755 "/root/$test"
	say "$test"
	in_machine "/root/$test" >&2 || fail "$test ended with status $?"
done
