#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# An answer that breaks off is an error, also where it is handed on as it comes: half a document is never exit status 0.
. "$(dirname "$0")/lab.sh"

lab_up bridge
# The header of control.h: magic, version, exit code 0.
header='\x31\x6e\x70\x68\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00'
serve() { # TEXT: what whoever asks gets
	printf "$header%b" "$1" >"$LAB_DIR/answer"
}
serve ""
spawn server gw socat "UNIX-LISTEN:$LAB_DIR/sock,fork" "SYSTEM:head -c 128 >/dev/null; cat $LAB_DIR/answer"
wait_for 5 'ss -Hlx | has "$LAB_DIR/sock"'

row='{"protocol": "udp", "internal": "192.168.11.2"}'
for options in "-s $LAB_DIR/sock" "-j -s $LAB_DIR/sock"; do
	serve "{\"mappings\": [\n$row\n]}\n"
	# shellcheck disable=SC2086
	hp $options show mappings
	for text in "{\"mappings\": [\n$row,\n{\"prot" "{\"mappings\": [\n$row" "{" ""; do
		serve "$text"
		# shellcheck disable=SC2086
		assert_eq "$(exit_status hp $options show mappings)" 3 "show mappings"
	done
done
serve '{"version": '
assert_eq "$(exit_status hp -j -s "$LAB_DIR/sock" status)" 3 "status"
