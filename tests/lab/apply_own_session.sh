#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A configuration that would cut the ssh session that gives the command is refused without --confirm or --force, naming
# the session; with --force it is applied: apply_own_session.sh BUILD apply|first
. "$(dirname "$0")/lab.sh"

lab_up bridge
gw_conf "$LAB_DIR/cuts.yaml" <<END
wan:
  interface: wan
  pass: [icmp-echo]
END
if [ "$1" = apply ]; then
	hairpin_up <<-END
		wan:
		  interface: wan
		  pass: [22/tcp]
	END
fi
sshd_serve gw 22

assert_eq "$(exit_status ssh_from inet $WAN_ADDR "$HAIRPIN apply $LAB_DIR/cuts.yaml" 2>"$LAB_DIR/refusal.txt")" 1 "apply"
grep "$INET_ADDR" "$LAB_DIR/refusal.txt"
ssh_from inet $WAN_ADDR true

# From a session that it does not cut the same is allowed.
ssh_from lan1 $LAN_GW "$HAIRPIN apply --force $LAB_DIR/cuts.yaml"
refute inet ask -t -w 500 $WAN_ADDR:22
lan1 ask -t $LAN_GW:22
