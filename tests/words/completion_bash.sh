#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# completion_bash.sh HAIRPIN HAIRPIND    what bash offers at the end of a line, in TAP

# shellcheck source=tests/words/programs.sh
. "$(dirname "$0")/programs.sh"
# shellcheck source=dist/completion/bash.sh
. dist/completion/bash.sh

PATH=$scratch/bin:$PATH
cd "$scratch/files" || exit 2

# offered LINE: the words, on one line. Pieces are those of bash.
offered() {
	local rest=$1
	COMP_LINE=$1 COMP_POINT=${#1} COMP_WORDS=()
	while [[ $rest =~ ^([:=]+|[^:=\ ]+|\ +) ]]; do
		[[ ${BASH_REMATCH[1]} == ' '* ]] || COMP_WORDS+=("${BASH_REMATCH[1]}")
		rest=${rest#"${BASH_REMATCH[1]}"}
	done
	[[ $1 != *' ' ]] || COMP_WORDS+=("")
	COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
	_hairpin
	echo "${COMPREPLY[*]}"
}

# offers LINE WORDS
offers() {
	local got
	got=$(offered "$1")
	[ "$got" = "$2" ] || echo "# offered: $got"
	[ "$got" = "$2" ]
	report "$1" $?
}

# Every command of the table, letter by letter from its first, and with its options.
"$hairpin" help | sed -nE '/^commands:/,/^$/s/^  ([a-z-]+)( ([a-z]+))?( .*|$)/\1 \3/p' | sed 's/ $//' >"$scratch/commands"
missed=0
while read -r first second; do
	[[ " $(offered "hairpin ${first:0:1}") " == *" $first "* ]] || missed=1
	[ -z "$second" ] || [[ " $(offered "hairpin $first ") " == *" $second "* ]] || missed=1
	[[ " $(offered "hairpin $first${second:+ $second} -") " == *" -s "* ]] || missed=1
	[ $missed = 0 ] || { echo "# $first $second" && break; }
done <"$scratch/commands"
[ $missed = 0 ] && [ "$(wc -l <"$scratch/commands")" -gt 30 ]
report "every command of hairpin help" $?

"$hairpin" help | sed -nE '/^options/,$s/^  (--?[a-zA-Z]+).*/\1/p' | sort -u | tr '\n' ' ' >"$scratch/options"
[ -s "$scratch/options" ] && [ "$(offered "hairpin -") " = "$(cat "$scratch/options")" ]
report "every option of hairpin help" $?
"$hairpind" -h | sed -nE 's/^  (--?[a-zA-Z]+).*/\1/p' | sort -u | tr '\n' ' ' >"$scratch/options"
[ -s "$scratch/options" ] && [ "$(offered "hairpind -") " = "$(cat "$scratch/options")" ]
report "every option of hairpind -h" $?

offers "hairpin sh" "show"
offers "hairpin show l" "leases lists"
offers "hairpin show top " "blocked clients names"
offers "hairpin show top --s" "--since"
offers "hairpin status --s" ""
offers "hairpin status " ""
offers "hairpin -j status -s /run/x -" "-V -b -d -f -h -j -s"
offers "hairpin b" "blocking"
offers "hairpin blocking " "off on"
offers "hairpin blocking off -j" "-j"
offers "hairpin export d" "dnsmasq"
offers "hairpin -j export ro" "routeros"
offers "hairpin export hosts " "folder one.yaml two.yaml"
offers "hairpin import op" "openwrt"
offers "hairpin hosts print --for " "linux macos windows"
offers "hairpin hosts print --for=m" "macos"
offers "hairpin log-level d" "debug"
offers "hairpin demo " "bypass gateway"
offers "hairpin apply --confirm " ""
offers "hairpin apply --confirm=1m --f" "--force"
offers "hairpin apply o" "one.yaml"
offers "hairpin check --facts t" "two.yaml"
offers "hairpin -jf t" "two.yaml"
offers "hairpin -b f" "folder"
offers "hairpin rewrite remove " "*.example.net nas.example.com"
offers "hairpin reservation remove 02:00:00:00:00:" "01 02"
offers "hairpin nonsense " ""
offers "hairpind -f o" "one.yaml"
offers "hairpind --conf" "--confirm"
offers "hairpind -d " "folder"
got=$(offered "$scratch/bin/hairpin versi")
[ "$got" = version ]
report "by its path" $?

complete -p hairpin hairpind >/dev/null
report "both programs are completed" $?

plan_end
