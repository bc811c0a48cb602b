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

# An excuse holds for the test that it names, all of the name, and only where its reason is so.
export NOT_APPLICABLE=excuses
printf '# rows\n%s\t%s\t%s\n' 'SK.*' 'the moon' 'test -n "$MOON"' 'SKI' 'another' true >excuses
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
printf '%s\t%s\t%s\n' 'FAIL' 'no excuse for a failure' true >excuses
expect 1 "0 passed, 1 failed, 0 skipped"

: >$log
expect 1 "0 passed, 0 failed, 0 skipped"
