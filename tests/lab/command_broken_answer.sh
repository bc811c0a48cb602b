#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# An answer that breaks off is an error, also where it is handed on as it comes: half a document is never exit status 0.
. "$(dirname "$0")/lab.sh"

lab_up bridge
# The header of control.h: magic, version, exit code 0.
header='\x31\x6e\x70\x68\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00'
answer() { # TEXT: what the next asker gets
	stop server KILL 2>/dev/null || true
	printf "$header%b" "$1" >"$LAB_DIR/answer"
	spawn server gw socat "UNIX-LISTEN:$LAB_DIR/sock,fork,unlink-early" "SYSTEM:head -c 128 >/dev/null; cat $LAB_DIR/answer"
	wait_for 5 '[ -S "$LAB_DIR/sock" ] && ss -lx | has "$LAB_DIR/sock"'
}
row='{"protocol": "udp", "internal": "192.168.11.2"}'
LAB_PIDS[server]=$$
unset "LAB_PIDS[server]"
for options in "" -j; do
	answer "{\"mappings\": [\n$row\n]}\n"
	# shellcheck disable=SC2086
	hp -s "$LAB_DIR/sock" $options show mappings
	stop server KILL || true
	for text in "{\"mappings\": [\n$row,\n{\"prot" "{\"mappings\": [\n$row" "{" ""; do
		answer "$text"
		# shellcheck disable=SC2086
		assert_eq "$(exit_status hp -s "$LAB_DIR/sock" $options show mappings)" 3 "show mappings $options"
		stop server KILL || true
	done
done
answer '{"version": '
assert_eq "$(exit_status hp -j -s "$LAB_DIR/sock" status)" 3 "status"
