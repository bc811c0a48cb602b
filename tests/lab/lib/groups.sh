# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# A daemon whose memory a cgroup limits, by version 1 or 2 of the cgroups, whichever has the memory here.

# group_make OCTETS: GROUP, below the group that the test runs in. Groups are no namespace's: a run that failed leaves an empty one to the next.
group_make() {
	local mounted=/run/groups above
	mkdir $mounted
	if grep -q ':memory:' /proc/self/cgroup; then
		GROUP_VERSION=1
		mount -t cgroup -o memory groups $mounted
		above=$mounted$(sed -n 's/^[0-9]*:memory://p' /proc/self/cgroup)
	else
		GROUP_VERSION=2
		mount -t cgroup2 groups $mounted
		above=$mounted
		grep -qw memory $above/cgroup.subtree_control ||
			(echo +memory >$above/cgroup.subtree_control) 2>/dev/null ||
			skip "no cgroup here can limit memory"
	fi
	rmdir "$above"/hairpin-lab-* 2>/dev/null || true
	GROUP=$(mktemp -d "$above/hairpin-lab-XXXXXX") || skip "no cgroup can be made here"
	group_limit "$1"
}

# group_limit OCTETS
group_limit() {
	case $GROUP_VERSION in
	1) echo "$1" >"$GROUP/memory.limit_in_bytes" ;;
	2) echo "$1" >"$GROUP/memory.max" ;;
	esac
}

# group_killed: how many of its processes died for want of memory.
group_killed() {
	case $GROUP_VERSION in
	1) sed -n 's/^oom_kill //p' "$GROUP/memory.oom_control" ;;
	2) sed -n 's/^oom_kill //p' "$GROUP/memory.events" ;;
	esac
}

# group_used: octets that it has now, those of the tables included.
group_used() {
	case $GROUP_VERSION in
	1) cat "$GROUP/memory.usage_in_bytes" ;;
	2) cat "$GROUP/memory.current" ;;
	esac
}

# hairpind_in_group: as hairpind_start.
hairpind_in_group() {
	# shellcheck disable=SC2016 # for the inner shell
	spawn hairpind gw bash -c 'echo $$ >"$1/cgroup.procs" && shift && exec "$@"' - "$GROUP" "$HAIRPIND" -f "$CONF"
	wait_for 30 '! running hairpind || "$HAIRPIN" status'
	running hairpind || fail "hairpind ended by itself, see its log"
}

# group_end: detaches, and takes the group away.
group_end() {
	hp detach
	finished hairpind
	wait_for 10 'rmdir "$GROUP"'
}
