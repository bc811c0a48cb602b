#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What `hairpin import` makes of other people's rules, as TAP: run.sh HAIRPIN CONF_PRINT. NN-name.out is what NN-name.SOURCE.in gives, and is part of a valid configuration; of uci
# it is a whole one.
#
# After a change that is meant: UPDATE=yes run.sh HAIRPIN CONF_PRINT, and read the diff.
set -u
program=$(realpath "$1")
printer=$(realpath "$2")
cd "$(dirname "$0")" || exit 2
# shellcheck source=tests/tap.sh
. ../tap.sh

for given in *.in; do
	name=${given%.in}
	source=${name##*.}
	name=${name%.*}
	"$program" import "$source" "$given" >"$scratch/out" 2>"$scratch/err"
	status=$?
	[ "${UPDATE:-}" != yes ] || cp "$scratch/out" "$name.out"
	diff -u "$name.out" "$scratch/out" | sed 's/^/# /'
	[ $status -eq 0 ] && [ ! -s "$scratch/err" ] && cmp -s "$name.out" "$scratch/out"
	report "$name" $?

	"$program" import "$source" <"$given" 2>&1 | cmp -s - "$name.out"
	report "$name from standard input" $?

	{
		[ "$source" = uci ] || printf 'wan:\n  interface: wan\nlan:\n  - interface: br-lan\n'
		cat "$name.out"
	} >"$scratch/whole.yaml"
	"$printer" "$scratch/whole.yaml" 2>&1 >/dev/null | sed 's/^/# /'
	"$printer" "$scratch/whole.yaml" >/dev/null 2>&1
	report "$name is understood" $?
done

# refused ARGS: with one line, and nothing else.
refused() {
	"$program" import "$@" >"$scratch/out" 2>"$scratch/err"
	[ $? -ne 0 ] && [ ! -s "$scratch/out" ] && [ -s "$scratch/err" ]
	report "refused: $*" $?
}

# faulty TEXT WHY: as /etc/config/hairpin it is refused, with these words.
faulty() {
	printf 'package hairpin\n%b' "$1" >"$scratch/faulty"
	"$program" import uci "$scratch/faulty" >"$scratch/out" 2>"$scratch/err"
	[ $? -ne 0 ] && [ ! -s "$scratch/out" ] && grep -qF "$2" "$scratch/err"
	report "refused: $2" $?
	grep -qF "$2" "$scratch/err" || sed 's/^/# /' "$scratch/err"
}

sides="config wan\n option interface eth0\nconfig lan\n option interface br-lan\n"
faulty "config service web\n option prots '80/tcp'\n$sides" 'hairpin.web.prots: no such option; did you mean ports?'
faulty "config servise\n$sides" 'hairpin.@servise[0]: no such type of section'
faulty "config dhcp_reservation\n$sides" 'hairpin.@dhcp_reservation[0]: no such type of section'
faulty "$sides""config wan\n option pass '22/tcp'\n" 'hairpin.@wan[1]: there can be one of them'
faulty "config hairpin main\nconfig hairpin\n$sides" 'hairpin.@hairpin[1]: there can be one of them'
faulty "config dns main\n option tls yes\n$sides" 'hairpin.main.tls: has keys below it'
faulty "config dns main\n option listen 'a\nb'\n$sides" 'hairpin.main.listen: has a control character'
faulty "config lan\n option interface br-lan\n" '`config wan` has no option interface, and of the zones that masquerade in /etc/config/firewall 0 devices are known'
faulty "${sides}config wan\n option x 1\npackage network\nconfig interface eth0\n option proto qmi\n" 'which device that is, /etc/config/network does not say'
faulty "config hairpin\n option 'a b' c\n" 'line 3: no name of an option'
faulty "config hairpin 'a b'\n" 'line 2: no name of a section'
faulty "option a b\n" 'line 2: an option before any section'
faulty "config hairpin x\nconfig wan x\n" 'line 3: the name of a section of another type'
faulty "config hairpin\n option a 'b\n\n" 'line 3: a quote that nothing ends'
faulty "config hairpin\n option a b c\n" 'line 3: no statement of UCI'
faulty "hairpin.main=hairpin\n" 'line 2: no statement of UCI'
faulty "" 'no section of UCI'
printf 'config redirect\n\0' >"$scratch/nul"
refused openwrt "$scratch/nul"
printf 'package firewall\nconfig redirect\n' >"$scratch/other"
refused uci "$scratch/other"

echo "hello" >"$scratch/odd"
refused nothing
refused iptables "$scratch/absent"
for source in iptables nftables openwrt uci; do
	refused $source "$scratch/odd"
done

plan_end
