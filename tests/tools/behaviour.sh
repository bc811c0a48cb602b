#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The page of requirements: written from rows, declarations and killed mutants, and refused with a reason where these disagree. Then the
# mutants of this tree: each must still fit the code that it changes.
set -euo pipefail

root=$(cd "$(dirname "$0")/../.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

fail() {
	echo "FAILED: $*" >&2
	exit 1
}

# A tree in which row 1 is met and tested, row 2 is met by an option, and the others are not met.
make_tree() {
	rm -rf "${work:?}"/*
	mkdir -p "$work"/doc "$work"/bpf "$work"/tests/{unit,lab,mutants}
	{
		printf '1 RFC 1 REQ-1 MUST\n  asks: This\n    and that.\n  verdict: met\n'
		printf '2 RFC 1 REQ-2 MUST, SHOULD\n  asks: More.\n  verdict: met by option nat.more\n  how: Off by default.\n'
		for number in $(seq 3 69); do
			printf '%d RFC 1 REQ-%d SHOULD\n  asks: Much.\n  verdict: not: because.\n' "$number" "$number"
		done
	} >"$work/doc/nat-behaviour.rows"
	printf '/* A test. */\n/* Requirements: 1, 2. */\n' >"$work/tests/unit/some_test.c"
	printf '#!/bin/sh\n# Requirements: 2.\n' >"$work/tests/lab/other.sh"
	printf 'one\n\ttwo\nthree\n' >"$work/bpf/core.h"
	printf '# Why.\nrequirement: 1\nfile: bpf/core.h\n--- find\n\ttwo\n--- replace\n\ttoo\n--- end\n' >"$work/tests/mutants/01-two.mutant"
}

killed_by() { # TEST
	printf '01-two %s %s 2026-01-01 abc\n' "$(sha256sum "$work/tests/mutants/01-two.mutant" | cut -c1-12)" "$1" \
		>"$work/tests/mutants/killed"
}

row() { # NUMBER
	grep "^| $1 |" "$work/doc/nat-behaviour.md"
}

expect_row() { # TEXT
	[ "$(row "${1:2:1}")" = "$1" ] || fail "wanted $1, got $(row "${1:2:1}")"
}

expect_fault() { # TEXT
	local said status=0
	said=$("$root/tools/behaviour" -C "$work" --check) || status=$?
	[ $status = 1 ] && grep -qF -- "$1" <<<"$said" || fail "status $status, wanted \"$1\" in: $said"
}

make_tree
"$root/tools/behaviour" -C "$work"
expect_row "| 1 | RFC 1 REQ-1 | MUST | This and that. | **met** | unit/some | not proved |"
expect_row "| 2 | RFC 1 REQ-2 | MUST, SHOULD | More. | **met by option nat.more**. Off by default. | unit/some, lab/other | not proved |"
expect_row "| 3 | RFC 1 REQ-3 | SHOULD | Much. | **not**: because. | – | – |"
"$root/tools/behaviour" -C "$work" --check >"$work/said" || fail "$(cat "$work/said")"

killed_by unit/some
expect_fault "is not what tools/behaviour would write"
"$root/tools/behaviour" -C "$work"
expect_row "| 1 | RFC 1 REQ-1 | MUST | This and that. | **met** | unit/some | 01-two (unit/some) |"
# One cell of a test that is a table; a test that does not declare the number proves nothing, and nor does an older text of the mutant.
killed_by unit/some-cell-1
"$root/tools/behaviour" -C "$work"
row 1 | grep -qF "01-two (unit/some-cell-1)" || fail "$(row 1)"
killed_by lab/other
"$root/tools/behaviour" -C "$work"
row 1 | grep -q "not proved" || fail "$(row 1)"
killed_by unit/some
echo "# Because." >>"$work/tests/mutants/01-two.mutant"
"$root/tools/behaviour" -C "$work"
row 1 | grep -q "not proved" || fail "$(row 1)"

make_tree
rm "$work/tests/unit/some_test.c"
expect_fault "row 1 is met, and no test declares 1"
make_tree
echo '/* Requirements: 70. */' >"$work/tests/unit/wrong_test.c"
expect_fault "there is no requirement 70"
for line in '/* Requirements: 1 and 2. */' '/* Requirement: 1. */' '/* Requirements: 2, 1. */' '/* Requirements: 1 */' \
	' * Requirements: 1.'; do
	make_tree
	echo "$line" >"$work/tests/unit/wrong_test.c"
	expect_fault "tests/unit/wrong_test.c:1:"
done
make_tree
printf 'one\ntwo\n' >"$work/bpf/core.h"
expect_fault "is found 0 times in bpf/core.h"
printf '\ttwo\n\ttwo\n' >"$work/bpf/core.h"
expect_fault "is found 2 times in bpf/core.h"
make_tree
mv "$work/tests/mutants/01-two.mutant" "$work/tests/mutants/02-two.mutant"
expect_fault "named after requirement 1"
make_tree
sed -i '/^69 /,$d' "$work/doc/nat-behaviour.rows"
expect_fault "68 rows"
make_tree
sed -i 's/verdict: met$/verdict: perhaps/' "$work/doc/nat-behaviour.rows"
expect_fault "a verdict that is none"

# What an engineer who changes the core has to see: a mutant whose text is gone proves nothing any more.
! "$root/tools/behaviour" --check | grep '^tests/mutants' || fail "the mutants above have to follow the code"
