#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The demo does not say that all is well when it is not: one capture missing, or the loopback broken on purpose.
. "$(dirname "$0")/lab.sh"

bin=$LAB_DIR/bin
mkdir "$bin"
ln -s "$HAIRPIN" "$bin/hairpin"
ln -s "$HAIRPIND" "$bin/hairpind"

# A tcpdump that does not work on the machine with that address.
break_capture() { # address
	local real
	real=$(command -v tcpdump)
	cat >"$bin/tcpdump" <<-SCRIPT
		#!/bin/sh
		if ip -4 address show | grep -q 'inet $1/'; then
			echo "tcpdump: it is broken" >&2
			exit 1
		fi
		exec $real "\$@"
	SCRIPT
}

# A server that is deaf to the public address: the loop is broken, and nothing else is.
break_loopback() {
	cat >"$bin/hairpind.broken" <<-SCRIPT
		#!/bin/sh
		nsenter --net=/run/netns/server nft -f - <<-RULES
			table ip broken {
				chain in { type filter hook input priority 0; ip saddr 198.51.100.1 drop; }
			}
		RULES
		exec $HAIRPIND "\$@"
	SCRIPT
	mv "$bin/hairpind.broken" "$bin/hairpind"
}

case $1 in
laptop) break_capture 192.168.11.2 ;;
router) break_capture 192.168.12.1 ;;
server) break_capture 192.168.11.20 ;;
loopback) break_loopback ;;
esac
chmod +x "$bin"/*

status=0
PATH=$bin:$PATH HAIRPIN_BIN=$bin "$LAB_SRC/../../dist/demo/demo.sh" >"$LAB_DIR/said" || status=$?
assert_eq "$status" 1 "exit status"
assert_match "$(cat "$LAB_DIR/said")" "as told +from outside +the server at home" "what is not broken"
if [ "$1" = loopback ]; then
	assert_match "$(cat "$LAB_DIR/said")" "NOT SO +from the laptop, same LAN +no answer" "what is"
else
	assert_match "$(cat "$LAB_DIR/said")" "NOT SO +[^a]" "what is"
fi
if on_nftables; then
	assert_match "$(cat "$LAB_DIR/said")" "backend: nftables" "the configuration"
	: >"$LAB_DIR/backend-asked"
fi
refute grep -q '^All .* came out as told' "$LAB_DIR/said"
