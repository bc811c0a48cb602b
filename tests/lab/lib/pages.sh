# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Pages of the documents, block by block: a test opens a page, lays out the network that the page speaks of, takes every block in its turn and says where it runs. A
# command that is added to a page without a line in its test fails, as one that does not do what the page says. Rejected: marks in the page that say where a block runs,
# as who reads the source of a page then reads the test as well, and the three READMEs would have them three times.
#
# sh is run, as a person would who pastes it; yaml is a file; text is what the block before printed; a page has no blocks of other kinds.

PAGE_DIR=$LAB_DIR/page
PAGE_SAID=$PAGE_DIR/said
PAGE_PATH=$(dirname "$HAIRPIN"):$(dirname "$HAIRPIND"):/usr/sbin:/usr/bin:/sbin:/bin
PAGE_ROOT=$(cd "$LAB_SRC/../.." && pwd)
# Before each command: page_machine's.
PAGE_ENTER=()

# page_open FILE: relative to the root of the sources. Its blocks become the files NN.KIND.
page_open() {
	PAGE=$1
	PAGE_NEXT=1
	rm -rf "$PAGE_DIR"
	mkdir "$PAGE_DIR"
	awk -v dir="$PAGE_DIR" '
		/^[ \t]+(```|~~~)/ || /^~~~/ { print FILENAME ":" FNR ": a block that is indented, or of tildes, is not looked at"; exit 1 }
		/^```/ && file != "" { file = ""; next }
		/^```/ { kind = substr($0, 4); file = sprintf("%s/%02d.%s", dir, ++n, kind)
			if (kind !~ /^(sh|yaml|text)$/) { print FILENAME ":" FNR ": a block of an unknown kind: \"" kind "\""; exit 1 }
			printf "" >file; next }
		file != "" { print >file }
		END { if (file != "") { print FILENAME ": the last block does not end"; exit 1 } }
	' "$PAGE_ROOT/$PAGE" >&2 || fail "$PAGE cannot be run"
	PAGE_BLOCKS=$(find "$PAGE_DIR" -name '[0-9]*' | wc -l)
}

# page_take KIND: the next block, which has to be of that kind; its file is PAGE_BLOCK.
page_take() {
	PAGE_BLOCK=$PAGE_DIR/$(printf %02d "$PAGE_NEXT").$1
	[ -e "$PAGE_BLOCK" ] || fail "$PAGE: block $PAGE_NEXT of $PAGE_BLOCKS is not of the kind $1"
	PAGE_NEXT=$((PAGE_NEXT + 1))
	say "$PAGE, block $((PAGE_NEXT - 1)):"
	sed 's/^/#     /' "$PAGE_BLOCK" >&2
}

# page_file PATH: the next block is the file PATH, as the page says. What is added, here as in gw_conf, are tables small enough for many labs on one machine.
page_file() {
	page_take yaml
	{
		cat "$PAGE_BLOCK"
		grep -qE '^(nat:|role: resolver)' "$PAGE_BLOCK" || printf 'nat:\n  limits: { sessions: 16384 }\n'
	} | with_backend >"$1"
}

# page_machine [NAME]: what is run from now on has a /etc and a /var/lib/hairpin of that machine's own; without a name, the gateway's again. Of the network namespaces the lab has one for each
# host, but only one mount namespace.
page_machine() {
	local dir
	PAGE_ENTER=()
	[ $# -gt 0 ] || return 0
	dir=$LAB_DIR/machine-$1
	if [ ! -e "$dir" ]; then
		mkdir -p "$dir/lib"
		cp -a /etc "$dir/etc"
		rm -rf "$dir/etc/hairpin"
	fi
	PAGE_ENTER=(unshare --mount bash -ec 'mount --bind "$0/etc" /etc; mount --bind "$0/lib" /var/lib/hairpin; exec "$@"' "$dir")
}

# page_execute NS SCRIPT: as a person at that machine, who stops where something fails.
page_execute() {
	nsenter --net="/run/netns/$1" "${PAGE_ENTER[@]}" env -i HOME=/root TERM=dumb LC_ALL=C PATH="$PAGE_PATH" ${PAGE_ENV:+"$PAGE_ENV"} bash -e "$2" </dev/null
}

# page_run NS [STATUS]: the next block is run there, and ends with that status (0). What it prints is PAGE_SAID.
page_run() {
	local status=0
	page_take sh
	page_execute "$1" "$PAGE_BLOCK" >"$PAGE_SAID" 2>&1 || status=$?
	cat "$PAGE_SAID" >&2
	assert_eq "$status" "${2:-0}" "$PAGE: the status of block $((PAGE_NEXT - 1))"
}

# page_spawn NAME NS: the next block is one that goes on.
page_spawn() {
	page_take sh
	spawn "$1" "$2" "${PAGE_ENTER[@]}" env -i HOME=/root TERM=dumb LC_ALL=C PATH="$PAGE_PATH" bash -ec "exec $(cat "$PAGE_BLOCK")"
}

# page_shows: the next block is what the one before printed: those lines, in that order; "..." stands for lines that are not shown. Spaces and times ("7s ago") may be others.
page_shows() {
	page_take text
	awk 'function plain(line) { gsub(/[ \t]+/, " ", line); gsub(/[0-9]+[smh] ago/, "T ago", line); sub(/^ /, "", line); sub(/ $/, "", line); return line }
		FNR == NR { if (plain($0) != "..." && plain($0) != "") want[++n] = plain($0); next }
		at < n && plain($0) == want[at + 1] { at++ }
		END { if (at < n) { print "not printed, or not there: " want[at + 1]; exit 1 } if (!n) { print "nothing is shown"; exit 1 } }
	' "$PAGE_BLOCK" "$PAGE_SAID" >&2 || fail "$PAGE: block $((PAGE_NEXT - 1)) shows what was not printed"
}

# page_pasted: the next block is what the one before printed, all of it, octet for octet.
page_pasted() {
	page_take text
	diff -u "$PAGE_BLOCK" "$PAGE_SAID" >&2 || fail "$PAGE: block $((PAGE_NEXT - 1)) is not what is printed"
}

# page_end: every block was taken.
page_end() {
	assert_eq $((PAGE_NEXT - 1)) "$PAGE_BLOCKS" "$PAGE: blocks that were run or compared"
	assert_ge "$PAGE_BLOCKS" 1 "$PAGE: blocks"
}
