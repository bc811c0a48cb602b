#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What `hairpin export` writes, as TAP: run.sh HAIRPIN. NN-name.TARGET.out is what NN-name.yaml gives for TARGET with the network of facts.json.
#
# After a change that is meant: UPDATE=yes run.sh HAIRPIN, and read the diff.
set -u
program=$(realpath "$1")
cd "$(dirname "$0")" || exit 2
# shellcheck source=tests/tap.sh
. ../tap.sh

for golden in [0-9]*.out; do
	name=${golden%.out}
	yaml=${name%.*}.yaml
	"$program" export --facts facts.json "${name##*.}" "$yaml" >"$scratch/out" 2>"$scratch/err"
	status=$?
	if [ "${UPDATE:-}" = yes ] && [ $status -eq 0 ]; then
		cp "$scratch/out" "$golden"
	fi
	[ $status -eq 0 ] && [ ! -s "$scratch/err" ] && diff -u "$golden" "$scratch/out" | sed 's/^/# /'
	[ "${PIPESTATUS[0]}" -eq 0 ] && cmp -s "$golden" "$scratch/out"
	report "$name" $?
done

# Each target says what becomes of the first one.
for target in $("$program" export nothing 2>&1 | awk '/^  / { print $1 }'); do
	[ -e "01-names.$target.out" ]
	report "there is a sample of $target" $?
done

"$program" export nothing 01-names.yaml >"$scratch/out" 2>"$scratch/err"
[ $? -eq 2 ] && [ ! -s "$scratch/out" ] && grep -q '^hairpin: nothing: ' "$scratch/err"
report "a target that there is not" $?
echo "wan: [" >"$scratch/broken.yaml"
"$program" export hosts "$scratch/broken.yaml" >"$scratch/out" 2>"$scratch/err"
[ $? -eq 1 ] && [ ! -s "$scratch/out" ] && grep -q "^$scratch/broken.yaml:" "$scratch/err"
report "a configuration that is none" $?

plan_end
