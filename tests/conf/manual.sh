#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# manual.sh SCHEMA_MANUAL CONF_PRINT    doc/hairpin.yaml.5 against the schema and against what is really said, in TAP
#
# SCHEMA_MANUAL is schema_manual.c, whose head says what a block is; CONF_PRINT is conf_print.c.
set -u
export LC_ALL=C # one order for sort

if [ $# -ne 2 ]; then
	echo "usage: manual.sh SCHEMA_MANUAL CONF_PRINT" >&2
	exit 2
fi
schema_manual=$(realpath "$1") || exit 2
conf_print=$(realpath "$2") || exit 2
cd "$(dirname "$0")/../.." || exit 2
page=doc/hairpin.yaml.5
# shellcheck source=tests/tap.sh
. tests/tap.sh

# is_empty FILE WHAT: shows the lines as TAP comments.
is_empty() {
	[ -s "$1" ] || return 0
	echo "# $2:"
	sed 's/^/#   /' "$1"
	return 1
}

# blocks SECTION PATTERN: the lines of the section that match, each with the text up to the next macro.
blocks() {
	awk -v section=".Sh $1" -v pattern="$2" '
		/^\.Sh / { inside = $0 == section; open = 0; next }
		/^\./ { open = inside && $0 ~ pattern }
		open { print }
	' "$page"
}

# one_line: each block on a line of its own, in any order.
one_line() {
	awk '/^\./ && NR > 1 { printf "\n" } { printf "%s%s", /^\./ ? "" : " | ", $0 } END { printf "\n" }' | sort
}

# same PART: what is in $scratch/page against what the schema says.
same() {
	"$schema_manual" "$1" >"$scratch/schema" || return 1
	if [ "${2:-}" ]; then
		one_line <"$scratch/schema" >"$scratch/sorted" && mv "$scratch/sorted" "$scratch/schema"
		one_line <"$scratch/page" >"$scratch/sorted" && mv "$scratch/sorted" "$scratch/page"
	fi
	[ -s "$scratch/schema" ] || return 1
	diff -u --label schema --label "$page" "$scratch/schema" "$scratch/page" >"$scratch/diff" && return 0
	sed 's/^/# /' "$scratch/diff"
	return 1
}

# Headings of other subsections are prose: only those of the schema's sections have keys.
blocks KEYS '^\.(Ss|It Ic) ' | awk '
	/^\.Ss / { heading = $0; next }
	/^\.It / && heading { print heading; heading = "" }
	{ if (!heading) print }' >"$scratch/page"
same keys
report "sections and keys: what they take, their defaults" $?

# Prose follows what the schema says of a word.
blocks KEYS '^\.It Cm ' | awk '/^\./ { text = 0; print; next } !text++' >"$scratch/page"
same values sorted
report "the words that keys take" $?

blocks PRESETS '^\.It Cm ' >"$scratch/page"
same presets
report "presets" $?

blocks "NOT IN THIS VERSION" '^\.It Ic ' >"$scratch/page"
same later
report "what is not in this version" $?

# Words in Ic are keys, wherever they stand.
"$schema_manual" names | sort -u >"$scratch/names"
sed -nE 's/^\.(It |D1 )?Ic ([^ ]+).*/\2/p' "$page" | sort -u | comm -23 - "$scratch/names" >"$scratch/unknown"
is_empty "$scratch/unknown" "no such key"
report "it names no key that is not there" $?

# Messages, as the page has them and as they are printed.
blocks DIAGNOSTICS '^\.It ' | sed -nE 's/^\.It //p' |
	sed 's/\\(dq/"/g; s/\\(ga/`/g; s/\\e/\\/g' >"$scratch/messages"
sed -E 's/^[^:]+:[0-9]+: //' tests/conf/*.err | grep -vFf "$scratch/messages" >"$scratch/unknown"
is_empty "$scratch/unknown" "not under DIAGNOSTICS"
report "every error of the golden tests is explained" $?

: >"$scratch/unknown"
while read -r message; do
	grep -qF -e "$message" tests/conf/*.err tests/unit/conf_*.c tests/unit/plan_*.c ||
		cat src/conf/*.c src/plan/*.c src/hairpind/reload.c | grep -qF -e "$message" ||
		echo "$message" >>"$scratch/unknown"
done <"$scratch/messages"
[ -s "$scratch/messages" ] && is_empty "$scratch/unknown" "nobody says this"
report "every error that is explained exists" $?

# examples NUMBER: that example's text.
examples() {
	awk -v number="$1" '
		/^\.Sh / { inside = $0 == ".Sh EXAMPLES" }
		/^\.Ed/ { shown = 0 }
		shown && n == number
		inside && /^\.Bd / { shown = 1; n++ }
	' "$page"
}

number=1
while examples $number >"$scratch/example.yaml" && [ -s "$scratch/example.yaml" ]; do
	"$conf_print" "$scratch/example.yaml" >"$scratch/out" 2>"$scratch/unknown"
	status=$?
	is_empty "$scratch/unknown" "refused"
	report "example $number is accepted" $status
	number=$((number + 1))
done
[ $number -gt 1 ]
report "there are examples" $?

plan_end
