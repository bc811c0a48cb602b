#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# In a cgroup with 256 MiB the table of `sessions: auto` is made for these and not for the machine's memory, and the data plane starts with
# them; when the limit changes, the table stays and a reload is none the worse.
. "$(dirname "$0")/lab.sh"

LIMIT=$((256 * 1024 * 1024))
SESSION_BYTES=$(sed -n 's/^#define LIMIT_SESSION_BYTES //p' "$LAB_SRC/../../include/hairpin/limits.h")
SHARE=$(sed -n 's/^#define LIMIT_SESSIONS_MEMORY_SHARE //p' "$LAB_SRC/../../include/hairpin/limits.h")

# A group of this test's own below the one that it runs in. Groups are no namespace's: a run that failed leaves an empty one to the next.
group_make() {
	local mounted=/run/groups above
	mkdir $mounted
	if grep -q ':memory:' /proc/self/cgroup; then
		mount -t cgroup -o memory groups $mounted
		above=$mounted$(sed -n 's/^[0-9]*:memory://p' /proc/self/cgroup)
		LIMIT_FILE=memory.limit_in_bytes
	else
		mount -t cgroup2 groups $mounted
		above=$mounted
		LIMIT_FILE=memory.max
		grep -qw memory $above/cgroup.subtree_control ||
			(echo +memory >$above/cgroup.subtree_control) 2>/dev/null ||
			skip "no cgroup here can limit memory"
	fi
	rmdir "$above"/hairpin-lab-* 2>/dev/null || true
	GROUP=$(mktemp -d "$above/hairpin-lab-XXXXXX") || skip "no cgroup can be made here"
	echo $LIMIT >"$GROUP/$LIMIT_FILE"
}

hairpind_in_group() {
	# shellcheck disable=SC2016 # for the inner shell
	spawn hairpind gw bash -c 'echo $$ >"$1/cgroup.procs" && shift && exec "$@"' - "$GROUP" "$HAIRPIND" -f "$CONF"
	wait_for 30 '! running hairpind || "$HAIRPIN" status'
	running hairpind || fail "hairpind ended by itself, see its log"
}

lab_up bridge
group_make
gw_conf < <(standard_services && echo "nat: { limits: { sessions: auto } }")
hairpind_in_group
size=$(hp_json status -- .sessions.size)
assert_eq "$size" $((LIMIT / SHARE / SESSION_BYTES)) "sessions for 256 MiB"
assert_eq "$(hp_json status -- .nat.limits.sessions_per_host)" $((size / 8)) "sessions of one host"
[ "$(hp_json status -- .sessions.bytes)" -lt $LIMIT ] || fail "the tables are larger than the group may be"
echo_serve srv 7000
lan1 ask $WAN_ADDR:7000

echo $((2 * LIMIT)) >"$GROUP/$LIMIT_FILE"
reload
assert_eq "$(hp_json status -- .sessions.size)" "$size" "the running table"
lan1 ask $WAN_ADDR:7000

hp detach
finished hairpind
wait_for 10 'rmdir "$GROUP"'
