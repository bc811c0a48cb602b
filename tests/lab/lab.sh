# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The lab: a gateway, hosts inside and hosts outside, in namespaces that die with the test.
#
# Sourced by every test first. Runs the test again in network, mount and process namespaces of its own, with
# private /run, /var/lib, /etc, /sys and bpffs, so that nothing leaks to the machine, names need no randomness and
# tests run in parallel.
#
#   tests/lab/NAME.sh [BUILD]     BUILD is the build directory, default: build
#
#   LAB_KEEP=1        keep BUILD/lab/NAME (logs, captures) also when the test passes
#   LAB_PCAP=no       no captures
#   SHELL_ON_FAIL=1   a shell inside the lab where the test failed
#   LAB_TIME_FACTOR=N how many times longer than on a usual machine things may take, default 1
#
# Exit status: 0 passed, 1 failed, 77 cannot run here (only through `skip`, which says why).

LAB_SRC=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
LAB_TEST=$(basename "$0" .sh)

if [ -z "${LAB_INSIDE:-}" ]; then
	if [ "$(id -u)" -ne 0 ]; then
		echo "lab: root is needed for namespaces, and this is uid $(id -u)" >&2
		exit 1
	fi
	LAB_BUILD=$(cd "${1:-build}" 2>/dev/null && pwd) || {
		echo "lab: no build directory '${1:-build}'" >&2
		exit 1
	}
	[ $# -gt 0 ] && shift
	# A cell of a table runs under a name of its own, so that cells do not share a directory.
	export LAB_INSIDE=1 LAB_BUILD LAB_NAME="$LAB_TEST${*:+-${*// /-}}"
	LAB_NAME=${LAB_NAME// /-}${HAIRPIN_BACKEND:+-$HAIRPIN_BACKEND}${HAIRPIN_FAST_PATH:+-fast}
	exec unshare --mount --net --pid --fork --kill-child=SIGKILL --mount-proc \
		bash "$(readlink -f "$0")" "$@"
fi

set -eEuo pipefail

LAB_DIR=$LAB_BUILD/lab/$LAB_NAME
HELPERS=$LAB_BUILD/tests/helpers
HAIRPIN=${HAIRPIN:-$LAB_BUILD/src/hairpin/hairpin}
HAIRPIND=${HAIRPIND:-$LAB_BUILD/src/hairpind/hairpind}
LAB_TIME_FACTOR=${LAB_TIME_FACTOR:-1}
PATH=$HELPERS:$(dirname "$HAIRPIN"):$PATH:/usr/sbin:/sbin
export PATH LC_ALL=C

rm -rf "$LAB_DIR"
mkdir -p "$LAB_DIR"

# What stands in tests/not-applicable for this test on another backend, and is proved here and now. A row whose probe fails is none: the test runs.
lab_not_applicable() {
	local pattern lacks reason probe
	[ -n "${HAIRPIN_BACKEND:-}" ] || return 0
	while IFS=$'\t' read -r pattern lacks reason probe; do
		[[ $lacks == "$HAIRPIN_BACKEND" && ${LAB_NAME%-"$HAIRPIN_BACKEND"} =~ ^($pattern)$ ]] || continue
		if (cd "$LAB_SRC/../.." && sh -c "$probe") >/dev/null 2>&1; then
			echo "SKIPPED: $reason" >&2
			exit 77
		fi
	done <"$LAB_SRC/../not-applicable"
}
lab_not_applicable

# --- private places ---------------------------------------------------------------------------------------------

lab_mounts() {
	mount -t tmpfs -o mode=755 lab-run /run
	mkdir -p /run/netns /run/sshd /run/lock
	mount -t tmpfs -o mode=755 lab-lib /var/lib
	mkdir -p /var/lib/hairpin /var/lib/dhcp /var/lib/misc /var/lib/nginx
	mkdir "$LAB_DIR/etc"
	mount -t tmpfs -o mode=755 lab-etc "$LAB_DIR/etc"
	cp -a /etc/. "$LAB_DIR/etc"
	mount --move "$LAB_DIR/etc" /etc
	rmdir "$LAB_DIR/etc"
	rm -rf /etc/hairpin
	mkdir /etc/hairpin
	: >/etc/resolv.conf
	# The mount shows the devices of the namespace that mounts it: the gateway's.
	mount -t sysfs lab-sys /sys
	mount -t bpf lab-bpf /sys/fs/bpf
}

# --- messages and the end -----------------------------------------------------------------------------------------

say() {
	echo "# $*" >&2
}

fail() {
	echo "FAILED: $*" >&2
	exit 1
}

# For what this machine cannot do, never for what the product cannot.
skip() {
	echo "SKIPPED: $*" >&2
	exit 77
}

lab_error() { # STATUS FILE LINE COMMAND
	echo "FAILED: $(basename "$2"):$3: '$4' ended with status $1" >&2
}

# What the gateway looked like when the test failed.
lab_evidence() {
	{
		echo "== status"
		timeout 5 "$HAIRPIN" status 2>&1
		echo "== drops"
		timeout 5 "$HAIRPIN" show drops 2>&1
		echo "== mappings"
		timeout 5 "$HAIRPIN" show mappings 2>&1 | head -50
		echo "== sessions"
		timeout 5 "$HAIRPIN" show sessions 2>&1 | head -50
		echo "== addresses, routes, neighbours"
		ip addr
		ip route show table all
		ip -6 route
		ip neigh
		echo "== tc"
		local dev
		for dev in wan br-lan lan0 lan2 eth0; do
			tc -s filter show dev "$dev" ingress 2>/dev/null
			tc -s filter show dev "$dev" egress 2>/dev/null
		done
		echo "== nft"
		nft list ruleset
	} >"$LAB_DIR/gateway.txt" 2>&1
	# A daemon that `hairpin apply` started keeps its log itself.
	cp /var/lib/hairpin/hairpind.log "$LAB_DIR/background.log" 2>/dev/null
	local log
	for log in "$LAB_DIR"/*.log; do
		if [ -s "$log" ]; then
			echo "--- the end of $(basename "$log")"
			tail -n 15 "$log"
		fi
	done >&2
}

# A sanitizer that found something fails a test that saw nothing.
lab_sanitizers() {
	! grep -lE 'ERROR: (Address|Leak|Undefined)|runtime error:' "$LAB_DIR"/*.log 2>/dev/null >&2
}

# A test that passes on another backend without it has shown nothing: a configuration has to ask for it, and no daemon may be ready with another.
lab_other_backend() {
	local ready
	[ -n "${HAIRPIN_BACKEND:-}" ] || return 1
	ready=$(cat "$LAB_DIR"/*.log /var/lib/hairpin/hairpind.log 2>/dev/null | grep -a "ready: generation.* backend " || true)
	if [ -n "$ready" ]; then
		grep -qv "backend $HAIRPIN_BACKEND\$" <<<"$ready"
	else
		[ ! -e "$LAB_DIR/backend-asked" ]
	fi
}

# The same of XDP: a daemon has to have attached it.
lab_other_path() {
	[ -n "${HAIRPIN_FAST_PATH:-}" ] && [ ! -e "$LAB_DIR/fast-path-seen" ]
}

lab_end() {
	local status=$?
	trap - ERR EXIT
	set +eE
	if [ "$status" -eq 0 ] && lab_other_backend; then
		echo "FAILED: not, or not only, with the $HAIRPIN_BACKEND backend" >&2
		status=1
	fi
	if [ "$status" -eq 0 ] && lab_other_path; then
		echo "FAILED: no XDP program was seen" >&2
		status=1
	fi
	if [ "$status" -eq 0 ] && ! lab_sanitizers; then
		echo "FAILED: a sanitizer complained, see the log" >&2
		status=1
	fi
	capture_stop_all
	! declare -F manager_down >/dev/null || manager_down
	if [ "$status" -ne 0 ] && [ "$status" -ne 77 ]; then
		lab_evidence
		echo "kept: $LAB_DIR" >&2
		if [ -n "${SHELL_ON_FAIL:-}" ]; then
			echo "A shell in the gateway; others: nsenter --net=/run/netns/{inet,lan1,srv,guest}" >&2
			bash -i </dev/tty >/dev/tty 2>&1
		fi
	elif [ -z "${LAB_KEEP:-}" ]; then
		rm -rf "$LAB_DIR"
	fi
	exit "$status"
}

trap 'lab_error $? "${BASH_SOURCE[0]}" $LINENO "$BASH_COMMAND"' ERR
trap lab_end EXIT
trap 'echo "FAILED: stopped by a signal" >&2; exit 1' INT TERM

# --- waiting and judging ------------------------------------------------------------------------------------------

now_ms() {
	echo $((${EPOCHREALTIME/./} / 1000))
}

# wait_for SECONDS 'COMMAND': until it succeeds. The one place where the lab lets time pass by itself.
wait_for() {
	local end=$(($(now_ms) + $1 * 1000 * LAB_TIME_FACTOR)) LAB_QUIET=1
	until eval "$2" >/dev/null 2>&1; do
		if [ "$(now_ms)" -ge "$end" ]; then
			fail "not within $1 s: $2"
		fi
		sleep 0.05
	done
}

assert_eq() { # GOT WANTED WHAT
	[ "$1" = "$2" ] || fail "${3:-value}: got '$1', wanted '$2'"
}

assert_ne() { # GOT UNWANTED WHAT
	[ "$1" != "$2" ] || fail "${3:-value}: got '$1', which it must not be"
}

assert_match() { # GOT REGEX WHAT
	[[ $1 =~ $2 ]] || fail "${3:-value}: got '$1', which does not match '$2'"
}

assert_ge() { # GOT LEAST WHAT
	[ "$1" -ge "$2" ] || fail "${3:-value}: got $1, wanted $2 or more"
}

assert_lt() { # GOT BOUND WHAT
	[ "$1" -lt "$2" ] || fail "${3:-value}: got $1, wanted less than $2"
}

# refute COMMAND...: it must not succeed.
refute() {
	if "$@"; then
		fail "succeeded, and must not: $*"
	fi
}

# has GREP-ARGUMENT...: at the end of a pipe. grep -q would leave before the writer, which then dies of it.
has() {
	grep "$@" >/dev/null
}

# exit_status COMMAND...: prints it; what the command prints goes to standard error.
exit_status() {
	local status=0
	"$@" >&2 || status=$?
	echo "$status"
}

. "$LAB_SRC/lib/topology.sh"
. "$LAB_SRC/lib/links.sh"
. "$LAB_SRC/lib/traffic.sh"
. "$LAB_SRC/lib/product.sh"
. "$LAB_SRC/lib/names.sh"
. "$LAB_SRC/lib/leases.sh"
. "$LAB_SRC/lib/hosts.sh"

lab_mounts
