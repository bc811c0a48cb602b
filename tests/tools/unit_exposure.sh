#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What systemd-analyze(1) says of the units' sandboxes is not worse than the figures that doc/hairpind.8 and doc/hairpin.8 name; and that it can be worse is seen by one without a sandbox.
set -euo pipefail
cd "$(dirname "$0")/../.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

[ -d build-packages ] || {
	echo "SKIPPED: no systemd in build-packages; tools/bootstrap test unpacks it" >&2
	exit 77
}
shared=$(dirname "$(find build-packages -name 'libsystemd-shared-*.so')")
LD_LIBRARY_PATH=$shared:$(dirname "$shared"):build-packages/lib/$(basename "$(dirname "$shared")")
export LD_LIBRARY_PATH

exposure() { # UNIT-FILE: in tenths
	"$(find build-packages -path '*/bin/systemd-analyze')" security --no-pager --offline=yes "$1" 2>"$work/said" |
		sed -n 's/^.* Overall exposure level for .*: \([0-9]*\)\.\([0-9]\) .*/\1\2/p'
}

status=0
while read -r unit most page; do
	sed 's|@SBINDIR@|/usr/sbin|; s|@BINDIR@|/usr/bin|' "dist/$unit.in" >"$work/$unit"
	grep -q "exposure of ${most:0:1}.${most:1}" "doc/$page" || {
		echo "doc/$page has another figure"
		status=1
	}
	is=$(exposure "$work/$unit")
	echo "$unit: $is tenths of ten, at most $most"
	if [ -z "$is" ] || [ $((10#$is)) -gt "$most" ]; then
		status=1
	fi
	# A word that this version does not know protects from nothing.
	if grep -iE 'unknown|ignoring|failed' "$work/said"; then
		status=1
	fi
done <<'END'
hairpind.service 36 hairpind.8
hairpin-hosts.service 25 hairpin.8
END

sed -i '/^\(Protect\|Private\|Restrict\|System\|Capability\|Memory\|NoNew\|Lock\|UMask\|Device\|Keyring\)/d' "$work/hairpind.service"
[ "$((10#$(exposure "$work/hairpind.service")))" -gt 80 ] || {
	echo "without its sandbox it is as good"
	status=1
}
exit $status
