#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# run.sh COMMAND...    golden tests of the configuration, in TAP
#
# COMMAND with a file's name behind it prints the file's canonical form on stdout, or its faults on
# stderr with exit status 1: `conf_print`, or `hairpind -nv -f`. It is called in this folder, so that
# messages name NN-name.yaml.
#
#   NN-name.yaml + NN-name.out    accepted; .out is the canonical form, and prints as itself
#   NN-name.yaml + NN-name.err    refused; .err is all that is said
set -u

if [ $# -eq 0 ]; then
	echo "usage: run.sh COMMAND..." >&2
	exit 2
fi
case $1 in
/*) ;;
*/*)
	program=$PWD/$1
	shift
	set -- "$program" "$@"
	;;
esac
cd "$(dirname "$0")" || exit 2
# shellcheck source=tests/tap.sh
. ../tap.sh

# same EXPECTED ACTUAL: shows the difference as TAP comments.
same() {
	diff -u "$1" "$2" >"$scratch/diff" && return 0
	sed 's/^/# /' "$scratch/diff"
	return 1
}

# run FILE STATUS COMMAND...: leaves out and err in the scratch folder.
run() {
	file=$1
	expected=$2
	shift 2
	"$@" "$file" >"$scratch/out" 2>"$scratch/err"
	status=$?
	[ "$status" -eq "$expected" ] && return 0
	echo "# exit status $status, not $expected"
	sed 's/^/# /' "$scratch/err"
	return 1
}

# accepted FILE EXPECTED COMMAND...
accepted() {
	yaml=$1
	golden=$2
	shift 2
	run "$yaml" 0 "$@" && same "$golden" "$scratch/out" && same /dev/null "$scratch/err"
}

for yaml in *.yaml; do
	name=${yaml%.yaml}
	if [ -e "$name.out" ]; then
		accepted "$yaml" "$name.out" "$@" && accepted "$name.out" "$name.out" "$@"
	elif [ -e "$name.err" ]; then
		run "$yaml" 1 "$@" && same "$name.err" "$scratch/err" && same /dev/null "$scratch/out"
	else
		echo "# neither $name.out nor $name.err is there"
		false
	fi
	report "$name" $?
done

for golden in *.out *.err; do
	[ -e "${golden%.*}.yaml" ]
	report "$golden belongs to a configuration" $?
done

# Three lines, and nothing else, keep it from starting; each says so.
example=../../dist/hairpin.yaml
run $example 1 "$@" && same /dev/null "$scratch/out" &&
	[ "$(cut -d : -f 1,2 "$scratch/err")" = "$(grep -n '^ .*<[a-z]*>' $example | sed "s|^\([0-9]*\):.*|$example:\1|")" ]
report "the shipped example does not start unedited" $?

sed 's/<wan>/eth0/; s/<lan>/br-lan/; s/<server>/192.0.2.20/' $example >"$scratch/edited.yaml"
[ "$(diff $example "$scratch/edited.yaml" | grep -c '^>')" = 3 ] && run "$scratch/edited.yaml" 0 "$@" && cp "$scratch/out" "$scratch/canonical" &&
	accepted "$scratch/canonical" "$scratch/canonical" "$@"
report "the shipped example, three lines edited" $?

plan_end
