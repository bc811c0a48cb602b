#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Where no bpffs is mounted the daemon mounts one, and says nothing else about it; a detach unmounts it, but for one that somebody else uses. With nftables it
# needs none and mounts none.
. "$(dirname "$0")/lab.sh"

umount /sys/fs/bpf
lab_up bridge
hairpin_up < <(standard_services)
echo_serve srv 7000
assert_eq "$(stat -f -c %T /sys/fs/bpf)" "$(on_nftables && echo sysfs || echo bpf_fs)" "file system at /sys/fs/bpf"
lan1 ask $WAN_ADDR:7000
hairpind_kill
hairpind_start
assert_eq "$(hp_json status -- .backend.adopted)" true "adopted"

on_nftables || mkdir /sys/fs/bpf/other
hp detach
finished hairpind
assert_eq "$(stat -f -c %T /sys/fs/bpf)" "$(on_nftables && echo sysfs || echo bpf_fs)" "with something of somebody else's in it"
on_nftables || rmdir /sys/fs/bpf/other
hp detach
assert_eq "$(stat -f -c %T /sys/fs/bpf)" sysfs "after the detach"
