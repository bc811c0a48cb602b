# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What the tests of completion begin with, both called with HAIRPIN HAIRPIND: TAP, and a folder $scratch/bin with both programs, and one with files. Sourced; leads to the root of the sources.
set -u
export LC_ALL=C

if [ $# -ne 2 ]; then
	echo "usage: $(basename "$0") HAIRPIN HAIRPIND" >&2
	exit 2
fi
hairpin=$(realpath "$1") || exit 2
hairpind=$(realpath "$2") || exit 2
cd "$(dirname "$0")/../.." || exit 2
# shellcheck source=tests/tap.sh
. tests/tap.sh

mkdir -p "$scratch/bin" "$scratch/files/folder"
touch "$scratch/files/one.yaml" "$scratch/files/two.yaml"
ln -s "$hairpind" "$scratch/bin/hairpind"
# A daemon is not there; what it would say of names that were added:
cat >"$scratch/bin/hairpin" <<-END
	#!/bin/sh
	case "\$*" in
	"-j rewrite list") printf '{\n  "rewrites": [\n    {\n      "domain": "nas.example.com",\n      "answers": []\n    },\n    {\n      "domain": "*.example.net"\n    }\n  ]\n}\n' ;;
	"-j reservation list") printf '{\n  "reservations": [\n    {\n      "mac": "02:00:00:00:00:01"\n    },\n    {\n      "mac": "02:00:00:00:00:02"\n    }\n  ]\n}\n' ;;
	*) exec "$hairpin" "\$@" ;;
	esac
END
chmod +x "$scratch/bin/hairpin"
