# shellcheck shell=sh disable=SC2154 # scratch: tests/tap.sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What `meson install` puts where, for installed.sh and packager.sh. Set before: scratch, and the current directory is this one.

# files_wanted "PART...": of ./files those that a build with these parts installs.
files_wanted() {
	awk -F '\t' -v parts=" $1 " '/^#/ { next } !$2 || index(parts, " " $2 " ") { print $1 }' files | sort
}

# files_are DESTDIR PREFIX "PART...": all that is there is below the prefix, and is what is wanted; the difference as TAP comments.
files_are() {
	find "$1" ! -type d | sed "s|^$1||" | LC_ALL=C sort >"$scratch/found"
	files_wanted "$3" | sed "s|^|$2/|" | LC_ALL=C sort >"$scratch/wanted"
	diff -u --label wanted --label installed "$scratch/wanted" "$scratch/found" >"$scratch/diff" && return 0
	sed 's/^/# /' "$scratch/diff"
	return 1
}

# names_no FILE TEXT: no octet of it is TEXT.
names_no() {
	! grep -qaF -e "$2" "$1" && return 0
	grep -aoE "[[:print:]]*$2[[:print:]]*" "$1" | sort -u | head -n 5 | sed 's/^/# /'
	return 1
}
