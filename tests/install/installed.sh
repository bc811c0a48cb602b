#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# installed.sh BUILD PREFIX "PART..."    what `meson install` of this build would put where, in TAP. DESTDIR is honoured: nothing else is written.
set -u
build=$1
prefix=$2
parts=$3
cd "$(dirname "$0")" || exit 2
# shellcheck source=tests/tap.sh
. ../tap.sh
# shellcheck source=tests/install/lib.sh
. ./lib.sh

DESTDIR=$scratch/root meson install -C "$build" --no-rebuild --quiet >"$scratch/log" 2>&1
status=$?
[ $status -eq 0 ] || sed 's/^/# /' "$scratch/log"
report "it is installed" $status

files_are "$scratch/root" "$prefix" "$parts"
report "every file, and no other" $?

# What is installed refers to what is installed.
grep -rhoE "(^Exec[A-Za-z]*=|HAIRPIN[A-Z_]*=)[^ ]*" "$scratch/root$prefix/lib/systemd" | sed 's/^[^=]*=[-+!@:]*//' | grep hairpin | sort -u >"$scratch/programs"
missing=0
while read -r program; do
	[ -x "$scratch/root$program" ] || {
		echo "# $program is not installed"
		missing=1
	}
done <"$scratch/programs"
[ -s "$scratch/programs" ] && [ $missing -eq 0 ]
report "units start what is installed" $?

for program in bin/hairpin sbin/hairpind; do
	# "features: +dns -nftables": as it was asked for.
	case $program in
	bin/hairpin) "$scratch/root$prefix/$program" version ;;
	*) "$scratch/root$prefix/$program" -V ;;
	esac | sed -n 's/^features: *//p' | tr ' ' '\n' | sed -n 's/^+//p' | sort | tr '\n' ' ' >"$scratch/has"
	[ "$(cat "$scratch/has")" = "$(printf '%s\n' $parts | grep . | sort | tr '\n' ' ')" ]
	report "$program says which parts it has" $?
done

plan_end
