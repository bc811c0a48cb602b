#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# tools/lint/pages, as TAP: the documents are right together, and each thing that it asks is one that it would notice.
set -u
cd "$(dirname "$0")/../.." || exit 2
# shellcheck source=tests/tap.sh
. tests/tap.sh

tools/lint/pages | sed 's/^/# /'
report "the documents are right together" "${PIPESTATUS[0]}"

mkdir -p "$scratch/tests"
cp -r ./*.md doc src include dist "$scratch"
cp -r tests/lab "$scratch/tests"
mkdir "$scratch/tools"
tools/lint/pages "$scratch" | sed 's/^/# /'
report "so is a copy of them" "${PIPESTATUS[0]}"

# notices WHAT FILE SED WORDS: with that change the fault is told in these words.
notices() {
	cp "$scratch/$2" "$scratch/before"
	sed -i "$3" "$scratch/$2"
	if cmp -s "$scratch/before" "$scratch/$2"; then
		echo "# the change changes nothing"
		report "notices $1" 1
	else
		tools/lint/pages "$scratch" >"$scratch/said"
		[ $? -eq 1 ] && grep -qF -- "$4" "$scratch/said"
		report "notices $1" $?
	fi
	cp "$scratch/before" "$scratch/$2"
}

notices "a row that a translation lacks" README.ja.md '/^| jansson/d' "rows of tables"
notices "a number that is another one" README.zh-TW.md 's/4787/4778/' "lacks number 4787"
notices "a command that is another one" README.ja.md 's/--confirm 60s/--confirm 50s/' "has other blocks"
notices "a section that is new" README.md 's/^## What it costs/## New\n\n&/' "sections, and not"
notices "a word of code that went" README.zh-TW.md 's/`nat.backend: nftables`//' 'lacks `nat.backend: nftables`'
notices "a link to nowhere" doc/features.md '$ s/$/ [x](nowhere.md)/' "leads to nowhere.md"
notices "a heading that is not there" doc/guide/dns.md 's/(#another-dns/(#a-dns/' "there is no such heading"
notices "a page that no test runs" tests/lab/guide_dns.sh 's/^page_open/# &/' "has blocks that no lab test runs"
notices "a command that there is not" doc/features.md '$ s/$/ `hairpin fly`/' "there is no such command"
notices "a key that there is not" doc/features.md '$ s/$/ `nat.magic: yes`/' '`nat.magic`: there is no such key'
notices "a quotation of nobody" doc/troubleshooting.md '$ s/$/\n\n> finding  all is well, go home\n/' "no program prints that"

plan_end
