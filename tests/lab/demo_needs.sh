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

# What hairpind itself finds missing is said before the first act.
ln -s "$HAIRPIN" "$LAB_DIR/bin/hairpin"
cat >"$LAB_DIR/bin/hairpind" <<SCRIPT
#!/bin/sh
echo "error: this kernel lacks BPF filters in tc (CONFIG_NET_CLS_BPF, module cls_bpf)" >&2
exit 1
SCRIPT
chmod +x "$LAB_DIR/bin/hairpind"
said=$(HAIRPIN_BIN=$LAB_DIR/bin play "$demo")
assert_eq "$(cat "$LAB_DIR/status")" 3 "status without BPF in tc"
assert_eq "$said" "hairpin demo: it cannot be played here: this kernel lacks BPF filters in tc (CONFIG_NET_CLS_BPF, module cls_bpf)" \
	"without BPF in tc"
