#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# completion_zsh.sh HAIRPIN HAIRPIND    what zsh offers at the end of a line, in TAP
#
# A shell is asked at a terminal of its own, as a person would: LIST at the end of a line, and what stands there then.
# shellcheck source=tests/words/programs.sh
. "$(dirname "$0")/programs.sh"

mkdir "$scratch/functions"
cp dist/completion/_hairpin "$scratch/functions/"

# Reads lines, one a case; prints what is offered for each: the words sorted, on one line.
cat >"$scratch/ask.zsh" <<'END'
zmodload zsh/zpty
cd $1/files
zpty -b shell zsh -fi
# What is added as a match is printed; nothing is drawn of it, whose form is a matter of taste.
zpty -w shell "PS1= PS2= PROMPT_EOL_MARK= TERM=dumb; unsetopt zle_bracketed_paste 2>/dev/null; path=($1/bin \$path); fpath=($1/functions \$fpath)"
zpty -w shell 'autoload -Uz compinit; compinit -u -D; zstyle ":completion:*" list-colors'
zpty -w shell 'compadd() { local -a seen; builtin compadd -O seen "$@" 2>/dev/null; print -rl -- "" "offer:"$^seen; builtin compadd "$@" }'
zpty -w shell 'zle -C show list-choices _main_complete; finish() { print -r -- "en""d:" }; zle -N finish; bindkey "^T" show; bindkey "^O" finish; bindkey "^U" kill-whole-line'
zpty -w shell 'stty -echo; print "rea""dy:"'
zpty -r -m shell said '*ready:*'
while IFS= read -r line; do
	zpty -n -w shell $'\x15'"$line"$'\x14\x0f'
	zpty -r -m shell said '*end:*'
	print -r -- ${(ou)${(M)${(f)${said//$'\r'/}}:#offer:?*}#offer:}
done
END

# LINE|WORDS, in the order of sort.
cat >"$scratch/cases" <<'END'
hairpin sh|show
hairpin show l|leases lists
hairpin show top |blocked clients names
hairpin show top --s|--since
hairpin status --s|
hairpin status |
hairpin -j status -|-V -b -d -f -h -j -s
hairpin b|blocking
hairpin blocking |off on
hairpin export d|dnsmasq
hairpin -j export ro|routeros
hairpin export hosts o|one.yaml
hairpin import op|openwrt
hairpin hosts print --for |linux macos windows
hairpin log-level d|debug
hairpin demo |bypass gateway
hairpin apply --confirm |
hairpin apply --confirm 1m --f|--force
hairpin apply o|one.yaml
hairpin check --facts t|two.yaml
hairpin -b f|folder
hairpin rewrite remove |*.example.net nas.example.com
hairpin reservation remove 02:|02:00:00:00:00:01 02:00:00:00:00:02
hairpin nonsense |
hairpind -f o|one.yaml
hairpind --conf|--confirm
hairpind -d f|folder
END
"$hairpin" help | sed -nE '/^commands:/,/^$/s/^  ([a-z-]+)( ([a-z]+))?( .*|$)/\1 \3/p' >"$scratch/commands"
{
	cut -d'|' -f1 "$scratch/cases"
	echo "hairpin "
	echo "hairpin -"
	echo "hairpind -"
	# Those of two words, by their first.
	awk 'NF == 2 && !seen[$1]++ { print "hairpin " $1 " " }' "$scratch/commands"
} >"$scratch/lines"
timeout 60 zsh -f "$scratch/ask.zsh" "$scratch" <"$scratch/lines" >"$scratch/offered"
report "a shell answers" $?

# offered LINE: what was offered for it.
offered() {
	paste -d'|' "$scratch/lines" "$scratch/offered" | awk -F'|' -v line="$1" '$1 == line { print $2; exit }'
}

while IFS='|' read -r line words; do
	got=$(offered "$line")
	[ "$got" = "$words" ] || echo "# offered: $got"
	[ "$got" = "$words" ]
	report "$line" $?
done <"$scratch/cases"

missed=0
while read -r first second; do
	[[ " $(offered "hairpin ") " == *" $first "* ]] || missed=1
	[ -z "$second" ] || [[ " $(offered "hairpin $first ") " == *" $second "* ]] || missed=1
	[ $missed = 0 ] || { echo "# $first $second" && break; }
done <"$scratch/commands"
[ $missed = 0 ] && [ "$(wc -l <"$scratch/commands")" -gt 30 ]
report "every command of hairpin help" $?

"$hairpin" help | sed -nE '/^options/,$s/^  (--?[a-zA-Z]+).*/\1/p' | sort -u | paste -sd' ' >"$scratch/options"
[ -s "$scratch/options" ] && [ "$(offered "hairpin -")" = "$(cat "$scratch/options")" ]
report "every option of hairpin help" $?
"$hairpind" -h | sed -nE 's/^  (--?[a-zA-Z]+).*/\1/p' | sort -u | paste -sd' ' >"$scratch/options"
[ -s "$scratch/options" ] && [ "$(offered "hairpind -")" = "$(cat "$scratch/options")" ]
report "every option of hairpind -h" $?

plan_end
