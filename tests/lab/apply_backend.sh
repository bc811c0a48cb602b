#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A new configuration with another backend than the one that was in force goes in with a start, and whatever becomes of it, one of the two carries the
# packets and nothing is left of the other: apply_backend.sh BUILD running|confirmed|unconfirmed|guardian|dead|failed bpf|nftables|auto
#
#   running       the daemon runs: refused, with what to do
#   confirmed     it stays
#   unconfirmed   the time passes
#   guardian      ... and the guardian was killed: the daemon does its work
#   dead          ... and both were killed: the next start goes back
#   failed        the configuration file cannot be written
#
# The last word is nat.backend before: with `auto` it was bpf.
. "$(dirname "$0")/lab.sh"

case=$1 before=$2
[ "$before" = nftables ] && other=bpf || other=nftables
conf() { # BACKEND PORT
	gw_conf <<-END
		services:
		  - name: echo
		    host: $SRV_ADDR
		    ports: [$2/udp]
		nat:
		  backend: $1
		  limits: { sessions: 16384 }
	END
}
is_there() {
	case $1 in
	bpf) [ -n "$(find $PINS -name hp_active 2>/dev/null)" ] ;;
	nftables) nft list chain inet hairpin from_wan ;;
	esac
}
# Nothing in between: what is not in force is not there.
assert_in_force() { # BACKEND PORT NOT-PORT
	local gone
	[ "$1" = nftables ] && gone=bpf || gone=nftables
	is_there "$1" >/dev/null 2>&1 || fail "the $1 backend is not there"
	refute is_there $gone 2>/dev/null
	inet ask $WAN_ADDR:"$2"
	lan1 ask $WAN_ADDR:"$2"
	refute inet ask -w 300 $WAN_ADDR:"$3"
}
went_back() {
	[ "$(hp_json status -- '"\(.backend.name) \(.pending)"')" = "${before/auto/bpf} null" ]
}

lab_up bridge
mount -t tmpfs lab-etc /etc/hairpin
conf "$before" 7000
cp $CONF "$LAB_DIR/before.yaml"
echo_serve srv 7000 9000
hairpind_start
assert_in_force "${before/auto/bpf}" 7000 9000
[ "$case" = running ] || hairpind_stop
conf $other 9000
mv $CONF "$LAB_DIR/new.yaml"
cp "$LAB_DIR/before.yaml" $CONF

case $case in
running)
	for options in "" "--confirm 3s"; do
		# shellcheck disable=SC2086
		assert_eq "$(exit_status hp apply $options "$LAB_DIR/new.yaml" 2>"$LAB_DIR/refusal.txt")" 1 "apply"
		grep 'nat.backend: only a new start' "$LAB_DIR/refusal.txt"
	done
	assert_in_force "${before/auto/bpf}" 7000 9000
	;;
confirmed)
	hp apply --confirm 60s "$LAB_DIR/new.yaml"
	hp confirm
	assert_eq "$(hp_json status -- .backend.name)" $other "the backend"
	assert_in_force $other 9000 7000
	cmp $CONF "$LAB_DIR/new.yaml"
	;;
unconfirmed | guardian)
	hp apply --confirm 3s "$LAB_DIR/new.yaml"
	assert_in_force $other 9000 7000
	if [ "$case" = guardian ]; then
		kill -KILL "$(pgrep -f -- --guardian)"
	fi
	wait_for 30 went_back
	assert_in_force "${before/auto/bpf}" 7000 9000
	cmp $CONF "$LAB_DIR/before.yaml"
	hp reload
	# Whoever started it had the right to make all that it needs. One that a daemon had to start has no more rights than that.
	[ "$case" = guardian ] || refute has "there is no sorter" < <(hp status)
	;;
dead)
	hp apply --confirm 60s "$LAB_DIR/new.yaml"
	assert_in_force $other 9000 7000
	kill -KILL "$(pgrep -f -- --guardian)" "$(hp_json status -- .pid)"
	wait_for 5 '! pgrep -x hairpind'
	wait_for 5 'flock -n /var/lib/hairpin/guardian.lock true'
	hairpind_start
	went_back
	assert_in_force "${before/auto/bpf}" 7000 9000
	cmp $CONF "$LAB_DIR/before.yaml"
	;;
failed)
	mount -o remount,ro /etc/hairpin
	assert_eq "$(exit_status hp apply "$LAB_DIR/new.yaml" 2>"$LAB_DIR/refusal.txt")" 1 "apply"
	wait_for 5 '! pgrep -x hairpind'
	assert_in_force "${before/auto/bpf}" 7000 9000
	;;
esac
