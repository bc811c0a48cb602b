#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# dist/openwrt as far as it runs without OpenWrt, as TAP: run.sh HAIRPIN HAIRPIND. The init script in busybox's shell, on a double of OpenWrt's functions (rc_double.sh); the package's Makefile on a double of the feed's rules.
set -u
program=$(realpath "$1")
daemon=$(realpath "$2")
cd "$(dirname "$0")" || exit 2
# shellcheck source=tests/tap.sh
. ../tap.sh
dist=$PWD/../../dist/openwrt
init=$dist/files/hairpin.init

command -v busybox >"$scratch/null" || {
	echo "1..0 # SKIP busybox is not there; tools/bootstrap installs it"
	exit 0
}
busybox sh -n "$init"
report "the init script parses" $?
if command -v shellcheck >"$scratch/null"; then
	shellcheck --shell=dash --severity=style "$init" >"$scratch/out" 2>&1
	status=$?
	sed 's/^/# /' "$scratch/out"
	report "shellcheck has nothing to say of it" $status
else
	report "shellcheck has nothing to say of it # SKIP not installed" 0
fi

# --- the init script ---------------------------------------------------------------------------------------

# The command: real where it reads, written down where it would ask a daemon. $running is the file that the daemon reads.
cat >"$scratch/hairpin" <<-END
	#!/bin/sh
	case "\$*" in
	"import "*) exec "$program" "\$@" ;;
	"-j status") [ ! -e "$scratch/configuration" ] || printf '{"configuration": "%s"}\n' "\$(cat "$scratch/configuration")" ;;
	*) echo "hairpin \$*" >>"$scratch/procd" ;;
	esac
END
chmod +x "$scratch/hairpin"
export CONFIG=$scratch/config PROCD=$scratch/procd RUNNING=$scratch/running
export TEST_DAEMON=$daemon TEST_COMMAND=$scratch/hairpin TEST_MADE=$scratch/var/etc/hairpin.yaml
mkdir "$CONFIG"

# act ACTION: what procd and the daemon are told by it, in $scratch/procd; its status.
act() {
	: >"$PROCD"
	busybox sh rc_double.sh "$init" "$1" >"$scratch/said" 2>&1
}

# asked LINE...: procd and the daemon were told these and nothing else.
asked() {
	printf '%s\n' "$@" | diff - "$PROCD" | sed 's/^/# /'
	return "${PIPESTATUS[1]}"
}

# The configuration that is installed, with the router's network and firewall; and what somebody edits in it.
reset() {
	rm -rf "$CONFIG" "$RUNNING" "${scratch:?}/var" "$scratch/configuration"
	mkdir "$CONFIG"
	cp "$dist/files/hairpin.config" "$CONFIG/hairpin"
	sed -n '/^package network/,/^package firewall/p' ../import/06-router.uci.in | grep -v ^package >"$CONFIG/network"
	sed '1,/^package firewall/d' ../import/06-router.uci.in >"$CONFIG/firewall"
}
edit() { # SED-EXPRESSION FILE
	sed -i "$1" "$CONFIG/$2"
}
enable() {
	edit "s/enabled '0'/enabled '1'/" hairpin
}

begun=("instance" "param command $daemon -f $TEST_MADE" "param respawn 3600 5 0" "param term_timeout 10" "param stderr 1" "end")
left=("log: firewall.evenings: option start_time: no forward here can say that" "log: firewall.@redirect[2]: option src_mac: no forward here can say that")

reset
act start
[ $? -eq 0 ] && [ ! -s "$PROCD" ]
report "as installed, nothing is started" $?
[ ! -e "$TEST_MADE" ]
report "and nothing is written" $?

enable
act start
[ $? -eq 0 ] && asked "${left[@]}" "${begun[@]}"
report "enabled, it is started for ever, and what is left of redirects is in the log" $?
"$daemon" -n -f "$TEST_MADE" && grep -q 'interface: pppoe-wan' "$TEST_MADE" && grep -q '2222:22/tcp' "$TEST_MADE"
report "its file is a configuration, with WAN and redirects of this router" $?
! grep -rq "not for us" "$scratch/var" "$scratch/said"
report "and no password of the network is in it" $?

echo "$TEST_MADE" >"$scratch/configuration"
act reload
[ $? -eq 0 ] && asked "hairpin reload"
report "a reload reloads, and repeats nothing" $?

edit "s/dest_port '22'/dest_port '23'/" firewall
act reload
[ $? -eq 0 ] && asked "${left[@]}" "hairpin reload" && grep -q '2222:23/tcp' "$TEST_MADE"
report "a changed redirect comes with a reload" $?

cp "$TEST_MADE" "$scratch/before"
edit "s/list pass/list pas/" hairpin
act reload
[ $? -ne 0 ] && asked "log: standard input: hairpin.wan.pas: no such option; did you mean pass?" && cmp "$scratch/before" "$TEST_MADE"
report "a fault: the daemon keeps what it has, and the log says why" $?
act start
[ $? -ne 0 ] && ! grep -q instance "$PROCD"
report "nor is it started with one" $?
edit "s/list pas /list pass /" hairpin

edit "s/list pass 'icmp-echo'/list pass '99999\/tcp'/" hairpin
act reload
[ $? -ne 0 ] && grep -q "^log: .*99999" "$PROCD" && ! grep -q "hairpin reload" "$PROCD" && cmp "$scratch/before" "$TEST_MADE"
report "so with a value that hairpind refuses" $?
[ "$(ls "$scratch/var/etc")" = hairpin.yaml ]
report "and nothing is left beside the file" $?
edit "s/99999/22/" hairpin

rm "$RUNNING"
act reload
[ $? -eq 0 ] && asked "${left[@]}" "${begun[@]}"
report "a reload starts what does not run" $?

printf 'wan:\n  interface: eth0\nlan:\n  - interface: br-lan\n' >"$scratch/own.yaml"
edit "s|# option file .*|option file '$scratch/own.yaml'|; s|# option statedir .*|option statedir '/etc/hairpin/state'|" hairpin
act reload
[ $? -eq 0 ] && grep -qx "param command $daemon -f $scratch/own.yaml -d /etc/hairpin/state" "$PROCD"
report "a file of one's own is taken with a new start" $?
echo "$scratch/own.yaml" >"$scratch/configuration"
echo "wan: [" >"$scratch/own.yaml"
act reload
[ $? -ne 0 ] && grep -q "^log: .*own.yaml" "$PROCD" && ! grep -q "hairpin reload" "$PROCD"
report "and judged like the other" $?

reset
enable
act start
act stop
asked "stopped"
report "stop ends the daemon and nothing else" $?
act start
edit "s/enabled '1'/enabled '0'/" hairpin
act reload
asked "hairpin detach" "stopped"
report "disabled while it runs, it is taken out of the kernel" $?
act reload
[ $? -eq 0 ] && [ ! -s "$PROCD" ]
report "disabled and not running, a reload does nothing" $?
act detach
asked "hairpin detach" "stopped"
report "detach takes it out" $?
act service_triggers
asked "trigger hairpin network firewall"
report "changes of the three packages reload it" $?
grep -qx 'START=18' "$init"
report "it comes before firewall (19) and network (20)" $?

# --- redirects there and back ---------------------------------------------------------------------------------

# What `uci batch` makes of the commands of `hairpin export openwrt`: sections of a file.
uci_batch() {
	awk -v q="'" '
		{ verb = $1; sub(/^[a-z_]+ firewall\./, ""); at = index($0, "="); path = substr($0, 1, at - 1); value = substr($0, at + 1) }
		verb == "set" && path !~ /\./ { print "config " value " " q path q }
		verb == "set" && path ~ /\./ { sub(/.*\./, "", path); print "\toption " path " " value }
		verb == "add_list" { sub(/.*\./, "", path); print "\tlist " path " " value }
	'
}
there() { # FILE
	"$program" export --facts ../export/facts.json openwrt "$1" | sed -n "/^uci batch/,/^commit/p" | sed '1d;$d'
}
# One line a forward, without the names of sections and services.
forwards() {
	awk '/^config/ { if (line) print line; line = $2; next } !/option name / { sub(/^\t/, " "); line = line $0 } END { print line }' "$1" | sort -u
}
there ../export/04-forwards.yaml | uci_batch >"$scratch/firewall"
"$program" import openwrt "$scratch/firewall" >"$scratch/services"
sed '/^services:/,$d' ../export/04-forwards.yaml | cat - "$scratch/services" >"$scratch/again.yaml"
there "$scratch/again.yaml" | uci_batch >"$scratch/firewall.again"
forwards "$scratch/firewall" >"$scratch/forwards"
forwards "$scratch/firewall.again" | diff "$scratch/forwards" - | sed 's/^/# /'
[ "${PIPESTATUS[1]}" -eq 0 ] && [ "$(wc -l <"$scratch/forwards")" -ge 10 ] && ! grep -q "To know" "$scratch/services"
report "what is exported for OpenWrt is imported as the same forwards" $?

# --- the package ------------------------------------------------------------------------------------------------

cp feed_double.mk "$scratch/rules.mk"
for name in package bpf meson; do : >"$scratch/$name.mk"; done
# Whoever runs this under a make of their own means that one by its variables.
feed_make() {
	env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL make -s -C "$dist" "$@"
}
mkdir -p "$scratch/built/usr/bin" "$scratch/built/usr/sbin"
cp "$program" "$scratch/built/usr/bin/hairpin"
cp "$daemon" "$scratch/built/usr/sbin/hairpind"
for variant in full mini; do
	feed_make TOPDIR="$scratch" BUILD_VARIANT=$variant hairpin-$variant arguments >"$scratch/out" 2>&1
	status=$?
	[ $status -eq 0 ] || sed 's/^/# /' "$scratch/out"
	(cd "$scratch/root/hairpin-$variant" && find . -type f | sort) >"$scratch/files"
	[ $status -eq 0 ] && diff - "$scratch/files" <<-END
		./etc/config/hairpin
		./etc/init.d/hairpin
		./usr/bin/hairpin
		./usr/sbin/hairpind
		./usr/share/doc/hairpin/README.md
	END
	report "$variant: its files are there" $?
	case $variant in
	full) ! grep -q 'dns=disabled' "$scratch/out" ;;
	mini) grep -q -- '-Ddns=disabled -Dnftables=disabled -Dportmap=disabled' "$scratch/out" ;;
	esac
	report "$variant: its parts" $?
done
grep -qx "clang = '/llvm/clang'" "$scratch/source/openwrt-tools.ini"
report "the tools of OpenWrt are named" $?
grep -qF "version: '$(feed_make TOPDIR="$scratch" version)'" ../../meson.build
report "the version is that of the sources" $?

plan_end
