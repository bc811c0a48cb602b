# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# For scripts that compare what a program says with files: a folder for scratch, and TAP. Sourced.

scratch=$(mktemp -d) || exit 2
trap 'rm -rf "$scratch"' EXIT
n=0
failed=0

# report NAME STATUS
report() {
	n=$((n + 1))
	if [ "$2" -eq 0 ]; then
		echo "ok $n - $1"
	else
		echo "not ok $n - $1"
		failed=1
	fi
}

# The last command of the script.
plan_end() {
	echo "1..$n"
	exit $failed
}
