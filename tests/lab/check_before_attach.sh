#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Before a first attach `check` names the ssh sessions that would be cut and the kernel's NAT sessions that would break; with nftables these do not.
. "$(dirname "$0")/lab.sh"

lab_up bridge
sysctl -qw net.ipv4.ip_forward=1
sshd_serve gw 22
echo_serve inet 7001
nft -f - <<<'table ip nat { chain post { type nat hook postrouting priority 100; oifname "wan" masquerade; }; }'
lan1 ask -p 5000 $INET_ADDR:7001
spawn session inet ssh -F none -i "$LAB_DIR/ssh-key" -o BatchMode=yes -o StrictHostKeyChecking=no -o LogLevel=ERROR \
	-o UserKnownHostsFile=/dev/null "root@$WAN_ADDR" 'echo in; exec tail -f /dev/null'
wait_for 10 'grep -qx in "$LAB_DIR/session.log"'
standard_services | gw_conf

assert_eq "$(exit_status hp check $CONF 2>"$LAB_DIR/check.txt")" 1 "check"
cat "$LAB_DIR/check.txt" >&2
grep -i ssh "$LAB_DIR/check.txt" | grep "$INET_ADDR"
if on_nftables; then
	refute grep "$LAN1_ADDR" "$LAB_DIR/check.txt"
	conn_serve inet 7002
	conn_open held lan1 $INET_ADDR:7002
	conn_lives held before
	hairpind_start --force
	conn_lives held after
else
	grep -i nat "$LAB_DIR/check.txt" | grep "$LAN1_ADDR"
fi
