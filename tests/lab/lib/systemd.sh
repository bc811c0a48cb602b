# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# A service manager in the gateway: systemd, as the first process of a process namespace of its own and in a control group of its own, with the lab's network, /etc, /run and
# /var/lib. It is what tools/bootstrap unpacks; nothing of it is installed, and it starts nothing but what a test gives it.

MANAGER_ROOT=$(cd "$LAB_SRC/../.." && pwd)/build-packages
MANAGER_GROUPS=/run/lab-groups
PREFIX=/usr/local
UNIT=hairpind.service

# manager_libraries: where those of the unpacked programs are.
manager_libraries() {
	local shared
	shared=$(dirname "$(find "$MANAGER_ROOT" -name 'libsystemd-shared-*.so')")
	echo "$shared:$(dirname "$shared"):$MANAGER_ROOT/lib/$(basename "$(dirname "$shared")")"
}

# A group of its own, of which the manager then sees the root alone.
manager_group() {
	mkdir -p $MANAGER_GROUPS
	mount -t cgroup2 lab-groups $MANAGER_GROUPS
	MANAGER_GROUP=$(mktemp -d $MANAGER_GROUPS/hairpin-lab-XXXXXX)
}

# What the manager and its services share with the lab is mounted already; settings of the machine that a first process would raise stay as they are.
manager_inside() {
	cat <<-'END'
		set -e
		mount --make-rprivate /
		for place in fs kernel vm; do
			mount --bind /proc/sys/$place /proc/sys/$place
			mount -o remount,bind,ro /proc/sys/$place
		done
		mkdir -p /sys/fs/cgroup
		mount -t cgroup2 lab-groups /sys/fs/cgroup
		exec env -i container=lab PATH=/usr/sbin:/usr/bin:/sbin:/bin LD_LIBRARY_PATH="$2" SYSTEMD_UNIT_PATH=/etc/systemd/system \
			"$1" --system --unit=lab.target --log-target=null --show-status=no
	END
}

# manager_up [NS]: in that namespace (gw), until it has started its target, which wants nothing.
manager_up() {
	local systemd target
	systemd=$(find "$MANAGER_ROOT" -path '*/lib/systemd/systemd')
	[ -x "$systemd" ] || fail "no systemd in build-packages: tools/bootstrap test unpacks it"
	rm -rf /etc/systemd
	mkdir -p /etc/systemd/system /run/systemd
	# Nothing of a machine's start, but what units name.
	for target in lab sysinit basic network-pre shutdown; do
		printf '[Unit]\nDescription=the lab, %s\nDefaultDependencies=no\nAllowIsolate=yes\n' $target >/etc/systemd/system/$target.target
	done
	echo 0123456789abcdef0123456789abcdef >/etc/machine-id
	# Before it has its own view of mounts.
	mount -t tmpfs -o mode=755 lab-local $PREFIX
	manager_inside >/run/lab-manager
	manager_group
	# shellcheck disable=SC2016 # expanded by that shell
	spawn manager "${1:-gw}" sh -c 'echo 0 >"$1/cgroup.procs" && exec unshare --mount --pid --cgroup --ipc --uts --fork --kill-child=SIGKILL --mount-proc sh /run/lab-manager "$2" "$3"' \
		sh "$MANAGER_GROUP" "$systemd" "$(manager_libraries)"
	wait_for 20 'manage is-system-running'
}

# manager_tool NAME ARGUMENT...: another program of its package.
manager_tool() {
	local tool
	tool=$(find "$MANAGER_ROOT" -path "*/bin/$1")
	shift
	LD_LIBRARY_PATH=$(manager_libraries) "$tool" "$@"
}

# manage COMMAND...: systemctl. The manager answers nobody whose process it cannot see.
manage() {
	nsenter --target "$(pgrep -P "${LAB_PIDS[manager]}")" --pid --mount -- \
		env LD_LIBRARY_PATH="$(manager_libraries)" "$(find "$MANAGER_ROOT" -path '*/bin/systemctl')" "$@"
}

# manager_sees COMMAND...: run where its services' mounts would be without a sandbox.
manager_sees() {
	nsenter --target "$(pgrep -P "${LAB_PIDS[manager]}")" --pid --mount -- "$@"
}

# unit_property NAME
unit_property() {
	manage show --property="$1" --value $UNIT
}

# By lab_end(), whatever became of the test: the group is the machine's.
manager_down() {
	[ -n "${MANAGER_GROUP:-}" ] || return 0
	stop manager KILL || true
	# Those that are killed leave it when they are gone.
	(wait_for 20 'find "$MANAGER_GROUP" -depth -type d -exec rmdir {} + && [ ! -e "$MANAGER_GROUP" ]') || echo "$MANAGER_GROUP stays" >&2
}

# unit_install [LINE...]: the programs and the unit, as `make install` has them below $PREFIX, with a drop-in that keeps its log where the lab looks, and LINEs of the section Service.
unit_install() {
	install -D "$HAIRPIND" $PREFIX/sbin/hairpind
	install -D "$HAIRPIN" $PREFIX/bin/hairpin
	sed "s|@SBINDIR@|$PREFIX/sbin|; s|@BINDIR@|$PREFIX/bin|" "$LAB_SRC/../../dist/$UNIT.in" >/etc/systemd/system/$UNIT
	mkdir -p /etc/systemd/system/$UNIT.d
	{
		echo "[Service]"
		echo "StandardOutput=append:$LAB_DIR/${UNIT%.service}.log"
		echo "StandardError=append:$LAB_DIR/${UNIT%.service}.log"
		[ -z "${ASAN_OPTIONS:-}" ] || echo "Environment=ASAN_OPTIONS=$ASAN_OPTIONS:detect_leaks=0"
		printf '%s\n' "$@"
	} >/etc/systemd/system/$UNIT.d/lab.conf
	manager_tool systemd-sysusers "$LAB_SRC/../../dist/hairpin.sysusers"
	manage daemon-reload
}

# unit_start: it has to become ready.
unit_start() {
	manage start $UNIT || fail "it does not start: $(manage show --property=Result,ExecStartPre,ExecStart $UNIT)"
	assert_eq "$(unit_property ActiveState)" active "the unit"
}
