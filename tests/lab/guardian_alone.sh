#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The guardian of a first attach, and the daemon that the command starts, keep no capability that they do not use and nothing that the
# command had open.
. "$(dirname "$0")/lab.sh"

lab_up bridge
standard_services | gw_conf "$LAB_DIR/new.yaml"
echo "who holds this" >"$LAB_DIR/held"
exec 9<"$LAB_DIR/held"
hp apply --confirm 60s "$LAB_DIR/new.yaml"
daemon=$(hp_json status -- .pid)
guardian=$(pgrep -f -- --guardian)
for pid in $daemon $guardian; do
	# CAP_NET_ADMIN, CAP_NET_RAW, CAP_PERFMON and CAP_BPF; CAP_NET_BIND_SERVICE, CAP_SETUID, CAP_SETGID and CAP_KILL.
	assert_eq "$(awk '$1 == "CapPrm:" { print $2 }' "/proc/$pid/status")" 000000c0000034e0 "capabilities of $pid"
	assert_eq "$(awk '$1 == "NoNewPrivs:" { print $2 }' "/proc/$pid/status")" 1 "no_new_privs of $pid"
	refute grep -q held < <(find "/proc/$pid/fd" -type l -printf '%l\n')
	assert_eq "$(awk '$1 == "SigBlk:" { print $2 }' "/proc/$pid/status")" 0000000000000000 "blocked signals of $pid"
done
# Its three, the lock, the clock and the eyes on the state directory.
assert_eq "$(find "/proc/$guardian/fd" -type l | wc -l)" 6 "descriptors of the guardian"

# As many as one after the other: each waits for the one before to be gone.
for _ in 1 2 3 4 5 6 7 8 9 10; do
	hp confirm
	sed -i '/#/d; s#7000/udp#9000/udp#; t; s#9000/udp#7000/udp#' "$LAB_DIR/new.yaml"
	hp apply --confirm 60s "$LAB_DIR/new.yaml"
done
hp confirm
hp detach
