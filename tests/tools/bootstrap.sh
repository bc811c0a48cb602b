#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# tools/bootstrap on a machine that is made up: what is installed, what apt-get does and who asks are fakes in PATH, and the
# files that it touches are below a directory of the test's.
set -euo pipefail

bootstrap=$(cd "$(dirname "$0")/../../tools" && pwd)/bootstrap
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export BOOTSTRAP_ROOT=$work/root
export PATH=$work/bin:$PATH WORK=$work
policy=$BOOTSTRAP_ROOT/usr/sbin/policy-rc.d
wants=$BOOTSTRAP_ROOT/etc/systemd/system/multi-user.target.wants

fail() {
	echo "FAILED: $*" >&2
	[ ! -s "$work/said" ] || cat "$work/said" >&2
	exit 1
}

fake() { # name; the script is standard input
	{
		echo '#!/bin/bash'
		cat
	} >"$work/bin/$1"
	chmod +x "$work/bin/$1"
}

# What is only unpacked, by its list.
unpacked=$(sed -n 's/^declare -A UNPACKED=(\[test\]="\(.*\)")$/\1/p' "$bootstrap")
[ -n "$unpacked" ] || fail "the list of what is unpacked is not to be found"

# A Debian 12 where everything is installed but what stands in the file "missing".
make_machine() {
	rm -rf "$BOOTSTRAP_ROOT" "$work"/{missing,apt,during,said}
	mkdir -p "$work/bin" "$BOOTSTRAP_ROOT"/{usr/sbin,run,build-packages} "$wants" "$BOOTSTRAP_ROOT/etc/rc2.d"
	printf 'ID=debian\nVERSION_ID="12"\n' >"$BOOTSTRAP_ROOT/etc/os-release"
	echo "$unpacked" >"$BOOTSTRAP_ROOT/build-packages/packages"
	: >"$work/missing"
	: >"$work/apt"
	fake id <<<'echo "${FAKE_UID:-0}"'
	fake update-rc.d <<<'exit 1'
	fake deb-systemd-helper <<<'exit 1'
	fake dpkg-query <<-'SCRIPT'
		grep -qx "${@: -1}" "$WORK/missing" || echo -n "ii "
	SCRIPT
	# Installs all, notes what stood in the way of services meanwhile, and enables one as some packages do.
	fake apt-get <<-'SCRIPT'
		echo "$*" >>"$WORK/apt"
		[[ " $* " != *" download "* ]] || : >some.deb
		[[ " $* " == *" install "* ]] || exit 0
		"$BOOTSTRAP_ROOT/usr/sbin/policy-rc.d" && echo "may start" >>"$WORK/during"
		grep -qs '^disable \*$' "$BOOTSTRAP_ROOT"/run/systemd/system-preset/*.preset || echo "may be enabled" >>"$WORK/during"
		[ -z "${FAKE_BROKEN:-}" ] || exit 100
		[ -z "${FAKE_SERVICE:-}" ] ||
			ln -s /lib/systemd/system/nginx.service "$BOOTSTRAP_ROOT/etc/systemd/system/multi-user.target.wants/nginx.service"
		: >"$WORK/missing"
	SCRIPT
}

run() { # expected status, arguments...
	local wanted=$1 status=0
	shift
	"$bootstrap" "$@" >"$work/said" 2>&1 || status=$?
	[ $status = "$wanted" ] || fail "bootstrap $*: status $status, wanted $wanted"
}

says() {
	grep -qF -- "$1" "$work/said" || fail "does not say: $1"
}

# Everything is there: no apt-get, no root.
make_machine
FAKE_UID=1000 run 0 build test demo
says "nothing to install"
says "packages to demo:"
[ ! -s "$work/apt" ] || fail "apt-get was called"

# Something is missing: installed, without recommendations, and only that; nothing may start meanwhile.
make_machine
printf 'nginx\nclang-tidy\n' >"$work/missing"
run 0 test demo
says "nginx (missing)"
grep -q -- '--no-install-recommends nginx$' "$work/apt" || fail "apt-get was given: $(cat "$work/apt")"
[ ! -e "$work/during" ] || fail "while it installed: $(cat "$work/during")"
[ ! -e "$policy" ] || fail "policy-rc.d stays"
[ -z "$(find "$BOOTSTRAP_ROOT/run/systemd" -type f)" ] || fail "the preset stays"

# What is only unpacked is fetched once, needs no root, and is not installed.
make_machine
rm -r "$BOOTSTRAP_ROOT/build-packages"
fake dpkg <<<'echo "$*" >>"$WORK/unpacked"'
for turn in first second; do
	FAKE_UID=1000 run 0 test
done
[ "$(cat "$work/apt")" = "-q download $unpacked" ] || fail "apt-get was given: $(cat "$work/apt")"
[ "$(wc -l <"$work/unpacked")" = 1 ] || fail "unpacked: $(cat "$work/unpacked")"
[ -d "$BOOTSTRAP_ROOT/build-packages" ] || fail "nothing is in its place"

# ... and again when the list has become another one.
echo "systemd-resolved" >"$BOOTSTRAP_ROOT/build-packages/packages"
run 0 test
[ "$(wc -l <"$work/apt")" = 2 ] || fail "with another list apt-get was given: $(cat "$work/apt")"

# The machine's own policy-rc.d is back afterwards, also when apt-get fails.
for broken in "" yes; do
	make_machine
	echo nginx >"$work/missing"
	printf '#!/bin/sh\nexit 0\n' >"$policy"
	chmod 755 "$policy"
	FAKE_BROKEN=$broken run "$([ -z "$broken" ] && echo 0 || echo 100)" demo
	[ "$(sed -n 2p "$policy")" = "exit 0" ] || fail "another policy-rc.d (apt-get broken: ${broken:-no})"
	[ ! -e "$work/during" ] || fail "while it installed: $(cat "$work/during")"
done

# What a killed run left behind is put right by the next.
make_machine
echo nginx >"$work/missing"
printf '#!/bin/sh\nexit 0\n' >"$policy.before-hairpin-bootstrap"
printf '#!/bin/sh\n# hairpin tools/bootstrap: nothing is started while it installs\nexit 101\n' >"$policy"
run 0 demo
[ "$(sed -n 2p "$policy")" = "exit 0" ] || fail "the policy-rc.d of before the killed run is lost"

# A unit that was enabled all the same is disabled again, and one that was enabled before is not.
make_machine
echo nginx >"$work/missing"
ln -s /lib/systemd/system/ssh.service "$wants/ssh.service"
FAKE_SERVICE=yes run 0 demo
says "disabled again: nginx.service"
[ "$(ls "$wants")" = ssh.service ] || fail "enabled: $(ls "$wants")"

# Not our ground, in words.
make_machine
echo nginx >"$work/missing"
FAKE_UID=1000 run 1 demo
says "needs root"
run 1 -n demo
[ ! -s "$work/apt" ] || fail "-n called apt-get"
printf 'ID=debian\nVERSION_ID="13"\n' >"$BOOTSTRAP_ROOT/etc/os-release"
run 1 demo
says "this is debian 13"
run 1 party
says 'unknown purpose "party"'
