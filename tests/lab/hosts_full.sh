#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A hosts file that cannot be written, on a full disk or a read-only one: it is said, it stays as it was, and it is tried again.
. "$(dirname "$0")/lab.sh"

lab_up bridge
laptop_up
hairpin_up < <(hosts_conf)
laptop_hosts apply --from $LAN_GW >&2
mkdir $LAPTOP/small
mount -t tmpfs -o size=8k none $LAPTOP/small
LAPTOP_HOSTS=$LAPTOP/small/hosts
cp $LAPTOP/hosts.before $LAPTOP_HOSTS
head -c 4096 /dev/zero >$LAPTOP/small/rest

laptop_watch
wait_for 30 'grep -q "small/hosts: No space left on device; tried again" $LAB_DIR/watch.log'
is_clean || fail "the file on a full disk"
rm $LAPTOP/small/rest
wait_for 60 has_block

# It leaves, and may not write that either.
mount -o remount,ro $LAPTOP/small
ip link set p-lan1 down
wait_for 60 'grep -q "small/hosts: Read-only file system; tried again" $LAB_DIR/watch.log'
has_block || fail "who wrote that file?"
mount -o remount,rw $LAPTOP/small
wait_for 60 is_clean
stop watch || fail "the watch ended with status $? after SIGTERM"
umount $LAPTOP/small
