#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What `hairpin import` makes of other people's rules, as TAP: run.sh HAIRPIN CONF_PRINT. NN-name.out is what NN-name.SOURCE.in gives, and is part of a valid configuration.
#
# After a change that is meant: UPDATE=yes run.sh HAIRPIN CONF_PRINT, and read the diff.
set -u
program=$(realpath "$1")
printer=$(realpath "$2")
cd "$(dirname "$0")" || exit 2
# shellcheck source=tests/tap.sh
. ../tap.sh

for given in *.in; do
	name=${given%.in}
	source=${name##*.}
	name=${name%.*}
	"$program" import "$source" "$given" >"$scratch/out" 2>"$scratch/err"
	status=$?
	[ "${UPDATE:-}" != yes ] || cp "$scratch/out" "$name.out"
	diff -u "$name.out" "$scratch/out" | sed 's/^/# /'
	[ $status -eq 0 ] && [ ! -s "$scratch/err" ] && cmp -s "$name.out" "$scratch/out"
	report "$name" $?

	"$program" import "$source" <"$given" 2>&1 | cmp -s - "$name.out"
	report "$name from standard input" $?

	{
		printf 'wan:\n  interface: wan\nlan:\n  - interface: br-lan\n'
		cat "$name.out"
	} >"$scratch/whole.yaml"
	"$printer" "$scratch/whole.yaml" 2>&1 >/dev/null | sed 's/^/# /'
	"$printer" "$scratch/whole.yaml" >/dev/null 2>&1
	report "$name is understood" $?
done

# refused ARGS: with one line, and nothing else.
refused() {
	"$program" import "$@" >"$scratch/out" 2>"$scratch/err"
	[ $? -ne 0 ] && [ ! -s "$scratch/out" ] && [ -s "$scratch/err" ]
	report "refused: $*" $?
}

echo "hello" >"$scratch/odd"
refused nothing
refused iptables "$scratch/absent"
for source in iptables nftables openwrt; do
	refused $source "$scratch/odd"
done

plan_end
