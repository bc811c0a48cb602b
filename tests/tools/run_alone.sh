#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# tools/run-alone, as TAP, with a meson that only notes what it is asked: which failed tests are run again, and what is believed of them.
set -u
cd "$(dirname "$0")/../.." || exit 2
# shellcheck source=tests/tap.sh
. tests/tap.sh

mkdir -p "$scratch/bin" "$scratch/build/meson-logs"
cat >"$scratch/bin/meson" <<-'END'
	#!/bin/sh
	echo "$@" >>"$ASKED"
	exit "$ANSWER"
END
chmod +x "$scratch/bin/meson"
export ASKED=$scratch/asked ANSWER PATH=$scratch/bin:$PATH

# case_of NAME ANSWER STATUS TESTS RESULT...: after these results tools/run-alone asks for TESTS three times, is answered so, and exits so.
case_of() {
	local name=$1 status=$3 tests=$4 wanted got i=0
	ANSWER=$2
	shift 4
	: >"$ASKED"
	for result in "$@"; do
		i=$((i + 1))
		echo "{\"name\": \"hairpin:lab / test_$i\", \"result\": \"$result\"}"
	done >"$scratch/build/meson-logs/lab.json"
	tools/run-alone "$scratch/build" 2 >/dev/null
	got=$?
	wanted=${tests:+test -C $scratch/build --no-rebuild --print-errorlogs --num-processes 1 --timeout-multiplier 2 --repeat 3 --logbase lab-alone --suite lab $tests}
	[ $got -eq "$status" ] && [ "$(cat "$ASKED")" = "$wanted" ]
	report "$name" $?
}

case_of "none failed, so something else did" 0 1 "" OK SKIP EXPECTEDFAIL
case_of "one that passes" 0 0 test_2 OK FAIL OK
case_of "one that fails again" 1 1 test_1 TIMEOUT
case_of "two" 0 0 "test_1 test_3" ERROR OK INTERRUPT
case_of "three are no accident" 0 1 "" FAIL FAIL TIMEOUT
rm "$scratch/build/meson-logs/lab.json"
ANSWER=0 tools/run-alone "$scratch/build" >/dev/null 2>&1
[ $? -eq 1 ]
report "no results at all" $?

plan_end
