#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# tools/mutants on a project of one function: a mutant that a declaring test notices is killed and written down; one that none notices, one
# that does not build and one whose test fails anyway are not.
set -euo pipefail

root=$(cd "$(dirname "$0")/../.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
unset CFLAGS LDFLAGS

mkdir -p "$work"/{bpf,doc,tools/lint} "$work"/tests/{unit,mutants}
cp -r "$root"/tools/{mutants,proof} "$work/tools/"
cp "$root/tools/lint/files" "$work/tools/lint/"
for number in $(seq 69); do
	printf '%d RFC 1 REQ-%d MUST\n  asks: Much.\n  verdict: met\n' "$number" "$number"
done >"$work/doc/nat-behaviour.rows"
cat >"$work/meson.build" <<'END'
project('small', 'c')
foreach name : ['sum', 'other', 'broken']
  test(name, executable(name, 'tests/unit' / name + '_test.c'), suite: 'unit')
endforeach
END
printf 'static inline int sum(int a, int b)\n{\n\treturn a + b;\n}\n' >"$work/bpf/core.h"
printf '#include "../../bpf/core.h"\n/* Requirements: 1, 3. */\nint main(void)\n{\n\treturn sum(2, 2) != 4;\n}\n' >"$work/tests/unit/sum_test.c"
printf '/* Requirements: 2. */\nint main(void)\n{\n\treturn 0;\n}\n' >"$work/tests/unit/other_test.c"
printf '/* Requirements: 4. */\nint main(void)\n{\n\treturn 1;\n}\n' >"$work/tests/unit/broken_test.c"

mutant() { # REQUIREMENT NEW-LINE
	printf 'requirement: %d\nfile: bpf/core.h\n--- find\n\treturn a + b;\n--- replace\n\t%s\n--- end\n' "$1" "$2" \
		>"$work/tests/mutants/0$1-sum.mutant"
}
mutant 1 'return a - b;'
mutant 2 'return a - b;'
mutant 3 'return a +;'
mutant 4 'return a - b;'

fail() {
	echo "FAILED: $*" >&2
	exit 1
}

expect() { # STATUS ARGUMENT TEXT
	local said status=0
	said=$("$work/tools/mutants" "$2" 2>&1) || status=$?
	[ $status = "$1" ] && grep -q -- "$3" <<<"$said" || fail "status $status, wanted $1 and \"$3\": $said"
}

expect 0 1 '^killed    01-sum .* unit/sum'
expect 1 2 '^SURVIVES  02-sum .*survives'
expect 1 3 '^SURVIVES  03-sum .*does not build'
expect 1 04-sum '^unit/broken fails without any mutant'
expect 1 5 '^no mutant 5'
[ "$(grep -v '^#' "$work/tests/mutants/killed" | cut -d' ' -f1,3)" = "01-sum unit/sum" ] || fail "$(cat "$work/tests/mutants/killed")"
# The copy is as the tree again, and the tree was not touched.
cmp "$work/bpf/core.h" "$work/build-mutants/tree/bpf/core.h"
grep -q 'return a + b;' "$work/bpf/core.h"

# What was killed and is no longer: the record goes.
printf '#include "../../bpf/core.h"\n/* Requirements: 1, 3. */\nint main(void)\n{\n\treturn sum(2, 0) != 2;\n}\n' >"$work/tests/unit/sum_test.c"
expect 1 1 '^SURVIVES  01-sum'
[ -z "$(grep -v '^#' "$work/tests/mutants/killed")" ] || fail "$(cat "$work/tests/mutants/killed")"
