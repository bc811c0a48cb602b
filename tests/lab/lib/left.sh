# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What can be seen of a program in a machine, for a comparison of before and after.

# Settings that the kernel itself changes, or that are of the whole machine, on which other tests run.
LEFT_VOLATILE='stable_secret|nf_conntrack_(count|max|buckets|expect_max)|net\.(core|nf_conntrack_max|unix)'

left_devices() {
	local dev
	ip -d link | sed 's/ \(hello\|tcn\|topology_change\|gc\)_timer *[0-9.]*//g'
	ip -o addr
	for dev in /sys/class/net/*; do
		dev=${dev##*/}
		echo "== $dev"
		tc qdisc show dev "$dev"
		tc filter show dev "$dev" ingress 2>&1
		tc filter show dev "$dev" egress 2>&1
		ethtool -k "$dev"
		cat "/sys/class/net/$dev"/bridge/nf_call_ip*tables 2>/dev/null || true
	done
}

# left_files: what there is in the places of files, with owners, modes and contents, but for the lab's own namespaces.
left_files() {
	find /etc /run /var/lib /sys/fs/bpf -mindepth 1 \( -path /run/netns -o -name '*.debug' \) -prune -o -printf '%p %y %m %u %g %l\n' | sort
	find /etc /run /var/lib -path /run/netns -prune -o -type f -size +0 -exec sha256sum {} + | sort -k 2
}

# left_seen: all of it, in an order that stays. What others count is no trace of ours.
left_seen() {
	{
		left_devices
		echo "== bpftool net"
		bpftool net show
		echo "== nft"
		nft list ruleset
		echo "== settings"
		sysctl -a --pattern '^net\.' 2>/dev/null | grep -vE "$LEFT_VOLATILE"
		echo "== routes and rules"
		ip rule
		ip -6 rule
		ip route show table all
		ip -6 route show table all
		echo "== sockets"
		ss -Hlnptu | sort
		ss -Hlxp | awk '{ print $5 }' | sort
		echo "== processes"
		pgrep -a 'hairpin|dnsmasq' || true
		echo "== mounts"
		cut -d ' ' -f 2-4 /proc/self/mounts
		echo "== files"
		left_files
	} | sed 's/packets [0-9]* bytes [0-9]*/packets 0 bytes 0/'
}

# left_objects: programs, maps and links that the daemon holds, has pinned or has attached, a line each: "prog 12". The kernel's lists are of the whole machine, where other tests have
# their own; numbers are not given twice soon.
left_objects() {
	local pin kind
	{
		sed -n 's/^\(prog\|map\|link\)_id:[[:space:]]*/\1 /p' "/proc/${LAB_PIDS[hairpind]}"/fdinfo/* 2>/dev/null
		find /sys/fs/bpf -type f ! -name '*.debug' | while read -r pin; do
			for kind in prog map link; do
				{ bpftool -j "$kind" show pinned "$pin" 2>/dev/null || true; } | jq -r ".id // empty | \"$kind \\(.)\""
			done
		done
		bpftool -j net show | jq -r '.. | .prog_id? // .id? // empty | "prog \(.)"'
	} | sort -u
}

# left_objects_gone FILE: none of those that it names is in the kernel any more. It frees them when it comes to it.
left_objects_gone() {
	local kind id
	while read -r kind id; do
		! bpftool "$kind" show id "$id" >/dev/null 2>&1 || return 1
	done <"$1"
}
