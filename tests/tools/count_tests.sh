#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The last line of `make test` and its exit status: a failure fails, a skip fails where CI=true, and nothing at all fails.
set -euo pipefail

count=$(cd "$(dirname "$0")/../../tools" && pwd)/count-tests
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
mkdir build
log=build/lab.json

entry() { # result
	echo "{\"name\": \"hairpin:lab / $1\", \"result\": \"$1\"}"
}

expect() { # status, last line
	local status=0 last
	last=$("$count" $log | tail -n 1) || status=$?
	[ "$status $last" = "$1 $2" ] || {
		echo "FAILED: got $status \"$last\", wanted $1 \"$2\"" >&2
		exit 1
	}
}

export CI=
entry OK >$log
expect 0 "1 passed, 0 failed, 0 skipped"
entry SKIP >>$log
expect 0 "1 passed, 0 failed, 1 skipped"
CI=true expect 1 "1 passed, 0 failed, 1 skipped"
for result in FAIL TIMEOUT ERROR UNEXPECTEDPASS INTERRUPT; do
	{
		entry OK
		entry $result
	} >$log
	expect 1 "1 passed, 1 failed, 0 skipped"
	said=$("$count" $log || true)
	grep -qx "$result: hairpin:lab / $result (build)" <<<"$said" || {
		echo "FAILED: $result is not named" >&2
		exit 1
	}
done

# What passed every time by itself is unsteady and no failure; once is enough to make it one.
{
	entry OK
	entry FAIL
} >$log
alone=build/lab-alone.json
counted() { # status, last line
	local status=0 said
	said=$("$count" $log $alone) || status=$?
	[ "$status $(tail -n 1 <<<"$said")" = "$1 $2" ] || {
		echo "FAILED: beside $alone: got $status \"$said\", wanted $1 \"$2\"" >&2
		exit 1
	}
}
passing=$(entry OK | sed 's,lab / OK,lab / FAIL,')
printf '%s\n' "$passing" "$passing" >$alone
counted 0 "2 passed, 0 failed, 0 skipped"
said=$("$count" $log $alone)
grep -qxF 'unsteady: hairpin:lab / FAIL (build): FAIL beside others, passed 2 times alone' <<<"$said" || {
	echo "FAILED: an unsteady test is not named" >&2
	exit 1
}
entry FAIL >>$alone
counted 1 "1 passed, 1 failed, 0 skipped"
: >$alone
counted 1 "1 passed, 1 failed, 0 skipped"

# An excuse holds for the test that it names, all of the name, and only where its reason is so.
export NOT_APPLICABLE=excuses
row() {
	printf '%s\t%s\t%s\t%s\n' "$@"
}
{
	echo "# rows"
	row 'SK.*' kernel 'the moon' 'test -n "$MOON"'
	row 'SKI' kernel 'another' true
} >excuses
entry OK >$log
entry SKIP >>$log
MOON=full CI=true expect 0 "1 passed, 0 failed, 0 skipped"
MOON='' CI=true expect 1 "1 passed, 0 failed, 1 skipped"
said=$(MOON=full "$count" $log)
grep -qx "not applicable: hairpin:lab / SKIP: the moon" <<<"$said" || {
	echo "FAILED: what does not apply is not named" >&2
	exit 1
}
entry FAIL >$log
row FAIL kernel 'no excuse for a failure' true >excuses
expect 1 "0 passed, 1 failed, 0 skipped"

# One of a backend is for the test with that backend. Where its probe fails nothing passes, not even if the test was run and passed.
cell() { # name, result
	echo "{\"name\": \"hairpin:lab / $1\", \"result\": \"$2\"}"
}
{
	cell filtering OK
	cell filtering-nftables SKIP
} >$log
row filtering nftables 'it has none' 'test -n "$MOON"' >excuses
MOON=full CI=true expect 0 "1 passed, 0 failed, 0 skipped"
MOON='' expect 1 "1 passed, 0 failed, 1 skipped"
cell filtering SKIP >>$log
MOON=full CI=true expect 1 "1 passed, 0 failed, 1 skipped"
{
	cell filtering OK
	cell filtering-nftables OK
} >$log
MOON='' expect 1 "2 passed, 0 failed, 0 skipped"
said=$(MOON='' "$count" $log || true)
grep -qF 'excuses:1: nftables would run filtering: `test -n "$MOON"` does not show the lack' <<<"$said" || {
	echo "FAILED: the row that is wrong is not named" >&2
	exit 1
}
# Nobody asked for that test: no probe is run.
cell other OK >$log
MOON='' expect 0 "1 passed, 0 failed, 0 skipped"
# What a kernel lacks, it lacks with each backend.
{
	cell other OK
	cell tunnel-nftables SKIP
} >$log
row tunnel kernel 'no tunnels' true >excuses
CI=true expect 0 "1 passed, 0 failed, 0 skipped"

# A row of another form is no row that is passed over.
printf '%s\t%s\t%s\n' tunnel 'no tunnels' true >excuses
status=0
"$count" $log >said 2>&1 || status=$?
if [ $status != 1 ] || ! grep -q '^excuses:1: 3 columns' said; then
	echo "FAILED: a row of three columns: $status, $(cat said)" >&2
	exit 1
fi
# And the true file has none.
unset NOT_APPLICABLE
cell tunnel SKIP >$log
expect 1 "0 passed, 0 failed, 1 skipped"

: >$log
expect 1 "0 passed, 0 failed, 0 skipped"
