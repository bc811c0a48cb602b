#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Where the demo cannot be played it says what is missing and stops: no root, a program, a feature of the kernel.
. "$(dirname "$0")/lab.sh"

demo=$LAB_SRC/../../dist/demo/demo.sh
export HAIRPIN_BIN=$LAB_BUILD

# Prints what it says; the status goes to $LAB_DIR/status.
play() {
	local status=0
	"$@" 2>&1 || status=$?
	echo $status >"$LAB_DIR/status"
}

said=$(play unshare --user "$demo")
assert_eq "$(cat "$LAB_DIR/status")" 3 "status without root"
assert_match "$said" "needs root" "without root"

mkdir "$LAB_DIR/world" "$LAB_DIR/bin"
cp -as /usr/bin/. "$LAB_DIR/world"
rm "$LAB_DIR/world/tcpdump"
said=$(PATH=$LAB_DIR/world play "$demo")
assert_eq "$(cat "$LAB_DIR/status")" 3 "status without tcpdump"
assert_match "$said" "not installed: tcpdump\." "without tcpdump"

cat >"$LAB_DIR/bin/ip" <<SCRIPT
#!/bin/sh
case "\$*" in *"type bridge"*)
	echo "RTNETLINK answers: Operation not supported" >&2
	exit 2
esac
exec $(command -v ip) "\$@"
SCRIPT
chmod +x "$LAB_DIR/bin/ip"
said=$(PATH=$LAB_DIR/bin:$PATH play "$demo")
assert_eq "$(cat "$LAB_DIR/status")" 3 "status without the bridge"
assert_match "$said" "the bridge \(CONFIG_BRIDGE\) is missing \(RTNETLINK" "without the bridge"
