#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Whoever may use the socket may look; only root may change something.
. "$(dirname "$0")/lab.sh"

lab_up bridge
hairpin_up </dev/null
chmod 666 /run/hairpin/control.sock
chmod 755 /run/hairpin
cp "$HAIRPIN" /run/hairpin-for-all
before=$(generation)
nobody() {
	gw setpriv --reuid 65534 --regid 65534 --clear-groups /run/hairpin-for-all "$@"
}
nobody status
nobody rewrite list
for change in reload detach confirm "rewrite add nas.example.com 192.168.11.1"; do
	# shellcheck disable=SC2086 # words
	assert_eq "$(exit_status nobody $change 2>"$LAB_DIR/${change%% *}.txt")" 1 "$change by nobody"
	grep -qi root "$LAB_DIR/${change%% *}.txt"
done
assert_eq "$(generation)" "$before" "generation"
assert_eq "$(filters wan ingress)" 1 "filters"
