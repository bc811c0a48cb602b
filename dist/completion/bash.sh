# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Completion of hairpin(8) and hairpind(8) for bash. It knows no command: `hairpin completion` prints the table of commands, and `hairpind -h` the options, of
# the programs that are completed. So it is right beside any version of them, whatever that was built with, and a cross build has nothing to run.

# The line, as words: bash takes ':' and '=' for words of their own, and addresses have them. Sets words, cur and glued, the part of cur that bash has behind it.
_hairpin_words() {
	local i glue=""
	words=("${COMP_WORDS[0]}")
	for ((i = 1; i <= COMP_CWORD; i++)); do
		if [ -n "$glue" ] || { [[ ${COMP_WORDS[i]} == [:=]* ]] && [ ${#words[@]} -gt 1 ]; }; then
			words[-1]+=${COMP_WORDS[i]}
		else
			words+=("${COMP_WORDS[i]}")
		fi
		[[ ${COMP_WORDS[i]} != [:=]* ]] && glue="" || glue=1
	done
	cur=${words[-1]}
	unset 'words[-1]'
	glued=${cur%"${cur##*[:=]}"}
}

# _hairpin_offer WORD...: those that begin as the word at the cursor does.
_hairpin_offer() {
	local word
	for word; do
		[[ $word != "$cur"* ]] || COMPREPLY+=("${word#"$glued"}")
	done
}

# _hairpin_paths f|d: files, or folders alone.
_hairpin_paths() {
	compopt -o filenames 2>/dev/null || true
	mapfile -t COMPREPLY < <(compgen -"$1" -- "${cur#"$glued"}")
}

# _hairpin_argument PLACEHOLDER: what may stand there.
_hairpin_argument() {
	local kind name list offer=()
	case $1 in
	*'|'*)
		IFS='|' read -ra offer <<<"$1"
		_hairpin_offer "${offer[@]}"
		;;
	FILE | SOCKET) _hairpin_paths f ;;
	*DIR) _hairpin_paths d ;;
	*)
		while IFS=$'\t' read -r kind name list; do
			[ "$name" = "${1%...}" ] || continue
			case $kind in
			words) read -ra offer <<<"$list" ;;
			asked)
				# shellcheck disable=SC2086 # words
				mapfile -t offer < <("${words[0]}" -j ${list% *} 2>/dev/null |
					sed -nE 's/^ *"'"${list##* }"'": "(.*)",?$/\1/p')
				;;
			esac
			_hairpin_offer "${offer[@]}"
		done <<<"$table"
		;;
	esac
}

# _hairpin_option_argument OPTION: its placeholder; empty: it takes none.
_hairpin_option_argument() {
	local kind name argument
	while IFS=$'\t' read -r kind name argument _; do
		[ "$kind $name" != "option $1" ] || [ "$argument" = - ] || echo "$argument"
	done <<<"$table"
}

# Steps over options; sets given, the words that are none, and wanted, what the option before the cursor takes.
_hairpin_read() {
	local word
	given=() wanted=""
	for word in "${words[@]:1}"; do
		if [ -n "$wanted" ]; then
			wanted=""
		elif [[ $word == -* ]]; then
			# Of letters in one word, the last may take something.
			[[ $word == --* ]] || word=-${word: -1}
			wanted=$(_hairpin_option_argument "$word")
		else
			given+=("$word")
		fi
	done
}

# The row of the command that is given. Sets options and arguments; returns how many words name it, 0: none does.
_hairpin_command() {
	local kind name list rest used=0
	options="" arguments=()
	while IFS=$'\t' read -r kind name list rest; do
		[ "$kind" = command ] || continue
		[[ "${given[*]} " == "$name "* ]] || continue
		# "blocking" is a command, and "blocking off" another.
		[[ $name == *' '* ]] && used=2 || used=1
		options=$list
		read -ra arguments <<<"${rest%%$'\t'*}"
		[ "${arguments[*]}" != - ] || arguments=()
		[ "$used" = 1 ] || break
	done <<<"$table"
	return "$used"
}

# The words that a command may go on with.
_hairpin_verbs() {
	local kind name before="${given[*]:+${given[*]} }"
	while IFS=$'\t' read -r kind name _; do
		[[ "$kind $name" == "command $before"* ]] || continue
		name=${name#"$before"}
		_hairpin_offer "${name%% *}"
	done <<<"$table"
}

_hairpin_table() { # PROGRAM
	case ${1##*/} in
	hairpind) "$1" -h 2>/dev/null | sed -nE 's/^  (-[^ ]+) ([A-Z]+)? +.*/option\t\1\t\2/p' | sed 's/\t$/\t-/' ;;
	*) "$1" completion 2>/dev/null ;;
	esac
}

_hairpin() {
	local words=() cur="" glued="" given=() wanted="" options="" arguments=() table used=0 kind name
	COMPREPLY=()
	_hairpin_words
	table=$(_hairpin_table "${words[0]/#\~/$HOME}")
	_hairpin_read
	[ ${#given[@]} -eq 0 ] || _hairpin_command || used=$?
	if [[ $cur == --*=* ]]; then
		wanted=$(_hairpin_option_argument "${cur%%=*}")
		cur=${cur#*=} glued=${glued#*=}
	fi
	if [ -n "$wanted" ]; then
		_hairpin_argument "$wanted"
	elif [[ $cur == -* ]]; then
		# Before a command any of them may stand.
		[ "$used" != 0 ] || while IFS=$'\t' read -r kind name _; do
			[ "$kind" != option ] || options+=" $name"
		done <<<"$table"
		# shellcheck disable=SC2086 # words
		_hairpin_offer $options
	else
		[ ${#given[@]} -gt 1 ] || _hairpin_verbs
		[ "$used" = 0 ] || [ ${#arguments[@]} -eq 0 ] || _hairpin_nth
	fi
	[ ${#COMPREPLY[@]} -lt 2 ] || mapfile -t COMPREPLY < <(printf '%s\n' "${COMPREPLY[@]}" | sort -u)
}

# What the command takes at this place; its last placeholder may stand for many.
_hairpin_nth() {
	local i=$((${#given[@]} - used)) last=$((${#arguments[@]} - 1))
	[[ $i -le $last ]] || { [[ ${arguments[last]} == *... ]] && i=$last; } || return 0
	_hairpin_argument "${arguments[i]}"
}

complete -F _hairpin hairpin hairpind
