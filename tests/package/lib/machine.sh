# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# A Debian with systemd, in the gateway's network.

# Below the lab's own /run, which nobody empties at the end: what is mounted there is not all ours.
TREE=/run/machine
CGROUPS=/run/machine-cgroups
MACHINE_CGROUP=

# The package that was built into build-deb/FOLDER; with a second argument a field of it: package FOLDER [FIELD].
package() {
	local file
	file=$(echo "$DEBS/$1"/hairpin_*.deb)
	if [ $# -gt 1 ]; then dpkg-deb -f "$file" "$2"; else echo "$file"; fi
}

# machine_unpack ARCHIVE: a tree that nobody has started.
machine_unpack() {
	mkdir "$TREE"
	mount -t tmpfs -o mode=755 lab-tree "$TREE"
	tar -x -C "$TREE" -f "$1"
}

# in_tree COMMAND...: in it, by chroot alone.
in_tree() {
	echo "tree\$ $*" >&2
	chroot "$TREE" /usr/bin/env -i LC_ALL=C DEBIAN_FRONTEND=noninteractive PATH=/usr/sbin:/usr/bin:/sbin:/bin "$@"
}

# machine_up: the tree is started, and all that starts with it has.
machine_up() {
	# These are the whole machine's, and refused; others fail for want of devices and say nothing about us.
	ln -s /dev/null "$TREE/etc/systemd/system/systemd-sysctl.service"
	mkdir "$CGROUPS"
	mount -t cgroup2 lab-cgroups "$CGROUPS"
	MACHINE_CGROUP=$(mktemp -d "$CGROUPS/hairpin-package-XXXXXX")
	(
		echo 0 >"$MACHINE_CGROUP/cgroup.procs"
		exec unshare --mount --pid --fork --kill-child=SIGKILL --cgroup --uts --ipc \
			"$LAB_SRC/../package/boot" "$TREE" >>"$LAB_DIR/machine.log" 2>&1 </dev/null
	) &
	LAB_PIDS["machine"]=$!
	wait_for 30 '! running machine || machine_booted'
	running machine || fail "it ended by itself, see machine.log"
	wait_for 60 'in_machine systemctl is-system-running | grep -E "running|degraded"'
	in_machine systemctl --failed --no-legend >&2
	# The lab's own words mean this machine's programs.
	printf '#!/bin/sh\nexec nsenter --target %s --mount --pid --uts --ipc -- /usr/bin/hairpin "$@"\n' "$MACHINE_PID" >"$LAB_DIR/hairpin"
	chmod +x "$LAB_DIR/hairpin"
	HAIRPIN=$LAB_DIR/hairpin
}

# Its first process is systemd; MACHINE_PID is that, as seen from outside.
machine_booted() {
	read -r MACHINE_PID < <(cat "/proc/${LAB_PIDS["machine"]}/task/${LAB_PIDS["machine"]}/children" && echo) &&
		[ "$(cat "/proc/$MACHINE_PID/comm")" = systemd ]
}

# in_machine COMMAND...
in_machine() {
	[ -n "${LAB_QUIET:-}" ] || echo "machine\$ $*" >&2
	nsenter --target "$MACHINE_PID" --mount --pid --uts --ipc -- /usr/bin/env -i LC_ALL=C DEBIAN_FRONTEND=noninteractive \
		PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin "$@"
}

# Whatever the test's end is: its log is kept with the rest, nothing of it runs on, and its cgroups go.
machine_down() {
	[ -n "${LAB_PIDS["machine"]:-}" ] || return 0
	in_machine journalctl --no-pager -q -o short-monotonic >"$LAB_DIR/journal.log" 2>/dev/null || true
	stop machine KILL || true
	local tries=100
	while [ -n "$MACHINE_CGROUP" ] && [ -e "$MACHINE_CGROUP" ] && [ $((tries -= 1)) -gt 0 ]; do
		find "$MACHINE_CGROUP" -depth -type d -exec rmdir {} + 2>/dev/null || true
	done
}

# apt_get in_machine|in_tree ARGUMENT...
apt_get() {
	"$1" apt-get -q -y --no-install-recommends -o Dpkg::Use-Pty=0 "${@:2}" >&2
}

# install_from FOLDER [PACKAGE...]: ours from there, and others.
install_from() {
	machine_copy "$(package "$1")" /root/hairpin.deb
	apt_get in_machine install /root/hairpin.deb "${@:2}"
	in_machine rm /root/hairpin.deb
}

# machine_copy FILE PLACE: from outside into it.
machine_copy() {
	in_machine tee "$2" <"$1" >/dev/null
}

# --- what it looks like -------------------------------------------------------------------------------------------

# Every file with its kind, mode, owner, link and content. Not what tells when packages came and went: records of dpkg and apt, logs, the loader's cache of
# libraries, and copies that programs make of /etc/passwd and its like before they write them.
machine_files() {
	# shellcheck disable=SC2016 # the machine's own shell
	in_machine sh -c '
		files() {
			find / -xdev \( -path /var/lib/dpkg -o -path /var/lib/apt -o -path /var/cache/apt -o -path /var/log \
				-o -path "/tmp/systemd-private-*" -o -path "/var/tmp/systemd-private-*" \) -prune \
				-o ! -path /var/cache/ldconfig/aux-cache ! -path "/etc/passwd-" ! -path "/etc/group-" \
				! -path "/etc/shadow-" ! -path "/etc/gshadow-" "$@"
		}
		files -printf "%p %y %m %U:%G %l\n"
		files -type f -exec sha256sum {} +
		for file in /run/hairpin /run/systemd/system/*hairpin*; do
			[ ! -e "$file" ] || echo "$file"
		done' | sort
}

# What of the kernel is the gateway's.
machine_kernel() {
	local dev
	for dev in /sys/class/net/*; do
		dev=${dev##*/}
		echo "== $dev"
		tc qdisc show dev "$dev"
		tc filter show dev "$dev" ingress 2>&1
		tc filter show dev "$dev" egress 2>&1
		cat "/sys/class/net/$dev/bridge/nf_call_iptables" 2>/dev/null || true
	done
	echo "== bpftool net"
	bpftool net
	echo "== nft"
	nft list ruleset
	echo "== settings"
	sysctl -a --pattern '^net\.' 2>/dev/null | grep -vE 'stable_secret|nf_conntrack_(count|buckets|max)|\.neigh\.|route\.'
	echo "== rules"
	ip rule
	ip -6 rule
	echo "== pins and mounts"
	in_machine find /sys/fs/bpf -mindepth 1 ! -name '*.debug'
	in_machine cut -d ' ' -f 2 /proc/1/mounts
}
