#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
#   tests/package/debian.sh [BUILD]
#
# A fresh Debian 12 with systemd as its first process, in the gateway's network: the package is installed, three lines of the example are edited, loopback works; it
# is upgraded to another build during a download, which ends whole; it is removed and purged, and nothing of it is left. Hosts are the lab's (tests/lab/lab.sh).
#
# Needs what tools/bootstrap calls deb, and this machine's package sources the first time; where these cannot be reached it fails.
here=$(cd "$(dirname "$0")" && pwd)
DEBS=$here/../../build-deb
[ -n "${LAB_INSIDE:-}" ] || "$here/prepare" "$DEBS" || exit 1
. "$here/../lab/lab.sh"
. "$here/lib/machine.sh"
trap 'status=$?; machine_down; (exit $status); lab_end' EXIT

EXAMPLE=/usr/share/doc/hairpin/examples/hairpin.yaml

unit() { # PROPERTY
	in_machine systemctl show --property "$1" --value hairpind.service
}

# loops: both ends see what they should.
loops() {
	assert_match "$(http_get lan1 http://$WAN_ADDR/)" "^$WAN_ADDR:" "whom the server sees when a neighbour asks"
	assert_match "$(http_get srv http://$WAN_ADDR/)" "^$WAN_ADDR:" "whom it sees when it asks itself"
	assert_match "$(http_get inet http://$WAN_ADDR/)" "^$INET_ADDR:" "whom it sees from outside"
}

# programs: of ours, those that are attached here.
programs() {
	bpftool -j net | jq -r '.. | objects | select((.name // "") | startswith("hp_")) | .prog_id // .id' | sort -u
}

lab_up bridge
http_serve srv 80 443
http_files srv 12000000
machine_unpack "$DEBS/tree.tar"

say "where nothing runs: a chroot"
cp "$(package first)" "$TREE/root/hairpin.deb"
apt_get in_tree install /root/hairpin.deb
apt_get in_tree purge --autoremove hairpin
rm "$TREE/root/hairpin.deb"
machine_up
machine_kernel >"$LAB_DIR/kernel-before.txt"
machine_files >"$LAB_DIR/files-before.txt"
assert_ge "$(wc -l <"$LAB_DIR/files-before.txt")" 5000 "files that are compared"

say "install"
install_from first
assert_eq "$(in_machine systemctl is-enabled hairpind.service)" enabled "the unit"
assert_eq "$(unit ActiveState)" inactive "the unit before there is a configuration"
refute in_machine hairpind -n -f $EXAMPLE
machine_kernel | diff -u "$LAB_DIR/kernel-before.txt" -

say "three lines"
in_machine sed "s/<wan>/wan/; s/<lan>/br-lan/; s/<server>/$SRV_ADDR/" $EXAMPLE >"$LAB_DIR/hairpin.yaml"
assert_eq "$(in_machine cat $EXAMPLE | diff - "$LAB_DIR/hairpin.yaml" | grep -c '^>' || true)" 3 "edited lines"
machine_copy "$LAB_DIR/hairpin.yaml" /etc/hairpin/hairpin.yaml
in_machine systemctl start hairpind.service
assert_eq "$(unit ActiveState)" active "the unit"
assert_eq "$(hp_json status -- .version)" "$(package first Version)" "the version that serves"
loops
old_pid=$(unit MainPID)
# What is compared at the end would tell.
machine_kernel >"$LAB_DIR/kernel-during.txt"
refute cmp -s "$LAB_DIR/kernel-before.txt" "$LAB_DIR/kernel-during.txt"
machine_files | comm -13 "$LAB_DIR/files-before.txt" - >"$LAB_DIR/files-new.txt"
for file in /etc/passwd /etc/hairpin/hairpin.yaml /run/hairpin /usr/sbin/hairpind /var/lib/hairpin/applied.yaml; do
	grep -q "$file\( \|$\)" "$LAB_DIR/files-new.txt"
done

say "upgrade during a download"
download forward inet http://$WAN_ADDR:443/slow
grows forward
install_from next
running forward || fail "the download was over before the upgrade was: nothing is shown"
assert_eq "$(unit ActiveState)" active "the unit after the upgrade"
assert_ne "$(unit MainPID)" "$old_pid" "the daemon's process"
assert_eq "$(in_machine readlink "/proc/$(unit MainPID)/exe")" /usr/sbin/hairpind "its program"
assert_eq "$(hp_json status -- .version)" "$(package next Version)" "the version that serves"
assert_eq "$(hp_json status -- .backend.adopted)" true "whether it took the data plane over"
cmp "$LAB_DIR/hairpin.yaml" <(in_machine cat /etc/hairpin/hairpin.yaml)
loops
downloaded forward srv

say "remove"
programs=$(programs)
assert_ge "$(wc -w <<<"$programs")" 1 "programs of the kernel that it had"
apt_get in_machine remove hairpin
machine_kernel | diff -u "$LAB_DIR/kernel-before.txt" -
for program in $programs; do
	refute bpftool prog show id "$program"
done
cmp "$LAB_DIR/hairpin.yaml" <(in_machine cat /etc/hairpin/hairpin.yaml)

say "purge"
apt_get in_machine purge --autoremove hairpin
machine_kernel | diff -u "$LAB_DIR/kernel-before.txt" -
machine_files | diff -u "$LAB_DIR/files-before.txt" -
