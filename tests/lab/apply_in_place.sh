#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The configuration file edited where it is, and applied with --confirm. Whoever dies before a confirmation, the text before goes back
# into the file and into force, and the rejected one is kept beside it; whoever dies before it comes, it counts:
# apply_in_place.sh BUILD nobody|named|guardian|both|both-first|restart-confirmed|dead-confirmed|hung-confirmed
. "$(dirname "$0")/lab.sh"

guardian() {
	pgrep -f -- "--guardian"
}
# What is in force must be what the file says, and no other.
assert_in_force() { # PORT NOT-PORT
	inet ask $WAN_ADDR:"$1"
	refute inet ask -w 300 $WAN_ADDR:"$2"
	assert_eq "$(hp_json status -- .pending)" null "what is pending"
	wait_for 5 '! guardian'
}
assert_went_back() {
	cmp $CONF "$LAB_DIR/before.yaml"
	cmp $CONF.rejected "$LAB_DIR/new.yaml"
	assert_in_force 7000 9000
}
# By its end, not by its number: it is no child of this shell.
guardian_kill() {
	kill -KILL "$(guardian)"
	wait_for 5 '! guardian'
	# Its lock goes a moment after its command line, and until then it counts as alive.
	wait_for 5 'flock -n /var/lib/hairpin/guardian.lock true'
}

lab_up bridge
standard_services | gw_conf
cp $CONF "$LAB_DIR/before.yaml"
echo_serve srv 7000 9000
[ "$1" = both-first ] || hairpind_start
sed -i 's#7000/udp#9000/udp#' $CONF
cp $CONF "$LAB_DIR/new.yaml"
case $1 in
nobody | guardian) hp apply --confirm 3s ;;
named) hp apply --confirm 3s $CONF ;;
*) hp apply --confirm 60s ;;
esac
assert_ne "$(hp_json status -- .pending)" null "what is pending"
inet ask $WAN_ADDR:9000
assert_eq "$(exit_status hp reload)" 1 "a reload meanwhile"
kill -HUP "$(hp_json status -- .pid)"

case $1 in
nobody | named)
	wait_for 10 '[ "$(hp_json status -- .pending)" = null ]'
	assert_went_back
	;;
guardian)
	guardian_kill
	wait_for 10 '[ "$(hp_json status -- .pending)" = null ]'
	assert_went_back
	;;
both)
	guardian_kill
	hairpind_kill
	hairpind_start
	assert_went_back
	;;
both-first)
	# Nothing was in force before: nobody attaches by itself what was never confirmed.
	kill -KILL "$(guardian)" "$(hp_json status -- .pid)"
	wait_for 5 '! pgrep -x hairpind'
	assert_eq "$(exit_status gw "$HAIRPIND" -f $CONF)" 1 "a start"
	assert_eq "$(filters wan ingress)" 0 "filters"
	hp apply
	assert_in_force 9000 7000
	;;
restart-confirmed)
	hairpind_kill
	hairpind_start
	assert_ne "$(hp_json status -- .pending)" null "what is pending after a restart"
	hp confirm
	assert_in_force 9000 7000
	cmp $CONF "$LAB_DIR/new.yaml"
	;;
dead-confirmed)
	hairpind_kill
	hp confirm
	wait_for 5 '! guardian'
	assert_eq "$(exit_status hp confirm)" 3 "a second one"
	hairpind_start
	assert_in_force 9000 7000
	cmp $CONF "$LAB_DIR/new.yaml"
	;;
hung-confirmed)
	kill -STOP "${LAB_PIDS[hairpind]}"
	hp confirm
	wait_for 5 '! guardian'
	kill -CONT "${LAB_PIDS[hairpind]}"
	assert_in_force 9000 7000
	cmp $CONF "$LAB_DIR/new.yaml"
	;;
esac
