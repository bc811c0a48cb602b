#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# An ssh session over WAN, a configuration that cuts it, and no confirmation: ssh answers again within the limit, also if the daemon dies
# meanwhile: apply_unconfirmed.sh BUILD alive|killed|hung
. "$(dirname "$0")/lab.sh"

lab_up bridge
conf() { # PASS
	gw_conf "$2" <<-END
		wan:
		  interface: wan
		  pass: [$1]
	END
}
conf 22/tcp $CONF
conf icmp-echo "$LAB_DIR/cuts.yaml"
cp $CONF "$LAB_DIR/before.yaml"
hairpind_start
sshd_serve gw 22
ssh_from inet $WAN_ADDR true
capture_start ssh inet eth0 'tcp port 22'

spawn session inet ssh -F none -i "$LAB_DIR/ssh-key" -o BatchMode=yes -o StrictHostKeyChecking=no -o LogLevel=ERROR \
	-o UserKnownHostsFile=/dev/null "root@$WAN_ADDR" "$HAIRPIN apply --confirm 6s $LAB_DIR/cuts.yaml; cat"
wait_for 5 '[ "$(hp_json status -- .pending)" != null ]'
start=$(now_ms)
refute inet ask -t -w 800 $WAN_ADDR:22
case $1 in
alive) ;;
killed) hairpind_kill ;;
hung) kill -STOP "${LAB_PIDS[hairpind]}" ;;
esac

wait_for 20 "inet ask -t -w 400 $WAN_ADDR:22"
assert_lt $(($(now_ms) - start)) 12000 "milliseconds until ssh answered again"
ssh_from inet $WAN_ADDR true
wait_for 10 '"$HAIRPIN" status'
assert_eq "$(hp_json status -- .pending)" null "what is pending"
diff "$LAB_DIR/before.yaml" $CONF
