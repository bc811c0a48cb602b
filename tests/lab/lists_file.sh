#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Lists in files: read in every format, read again when they change, and what is no list does not take the place of one.
. "$(dirname "$0")/lab.sh"
. "$(dirname "$0")/lib/blocklists.sh"

lab_up bridge
auth_serve </dev/null
mkdir "$LAB_DIR/lists"
cat >"$LAB_DIR/lists/ads.txt" <<-END
	# mixed
	0.0.0.0 ads.example.com tracker.example.com
	plain.example.com
	||tree.example.com^\$important
	192.168.11.1 router.example.com
	/regex[0-9]/
	not a name
	203.0.113.0/24
END
echo '||fine.example.com^' >"$LAB_DIR/lists/fine.txt"
# Only root gets there: the daemon opens it, not the loader.
chmod 700 "$LAB_DIR/lists"
chmod 600 "$LAB_DIR/lists/ads.txt"
hairpin_up < <(lists_conf "blocklists: [ { name: ads, path: $LAB_DIR/lists/ads.txt } ]" \
	"allowlists: [ { name: fine, path: $LAB_DIR/lists/fine.txt } ]" 'block: [mine.example.com]')
loaded
assert_eq "$(list_is ads '[.state, .names, .invalid, .unsupported, .rewrites, .error] | join(" ")')" "read 5 1 1 1 " "the list"
assert_eq "$(list_is ads '.faults[0].text')" "192.168.11.1 router.example.com" "the first faulty line"
assert_eq "$(list_is fine '[.kind, .names] | join(" ")')" "allow 1" "the allow list"
assert_eq "$(hp_json show lists -- '[.names, .own_words] | join(" ")')" "6 1" "in all"
wait_for 20 '[ "$(tables)" = 1 ]'
assert_eq "$(ask_name lan1 $LAN_GW tracker.example.com A)" 0.0.0.0 "a name of a list"
assert_eq "$(ask_name lan1 $LAN_GW x.mine.example.com A)" NXDOMAIN "not the operator's word"
assert_eq "$(ask_name lan1 $LAN_GW mine.example.com A)" 0.0.0.0 "the operator's word"
hp show lists | grep -q 'ads (block): 5 names, read' || fail "show lists"
hp show lists | grep -qx "  not supported, the first: $LAB_DIR/lists/ads.txt:6: /regex\[0-9\]/" || fail "the line that is not supported"
hp status | grep -q '^lists       2 with 6 names' || fail "status"

# A change is noticed without a word.
echo more.example.com >>"$LAB_DIR/lists/ads.txt"
wait_for 20 '[ "$(list_is ads .names)" = 6 ]'
wait_for 20 '[ "$(ask_name lan1 $LAN_GW more.example.com A)" = 0.0.0.0 ]'
assert_eq "$(tables)" 1 "tables that are mapped: the one before is let go"

# A page, a program and nothing at all are no lists.
printf '<!DOCTYPE html>\n<html>sign in</html>\n' >"$LAB_DIR/lists/ads.txt"
wait_for 20 '[ "$(list_is ads .state)" = kept ]'
assert_eq "$(list_is ads '[.names, .error] | join(" ")')" "6 a page in HTML and no list" "behind a page"
head -c 5000 /bin/true >"$LAB_DIR/lists/ads.txt"
wait_for 20 '[ "$(list_is ads .error)" = "no text" ]'
rm "$LAB_DIR/lists/ads.txt"
wait_for 20 '[ "$(list_is ads .error)" = "No such file or directory" ]'
assert_eq "$(list_is ads '[.state, .names] | join(" ")')" "kept 6" "without its file"

# Also behind a restart, from the first answer on.
hairpind_stop
hairpind_start
assert_eq "$(ask_name lan1 $LAN_GW more.example.com A)" 0.0.0.0 "the first answer"
loaded
assert_eq "$(list_is ads '[.state, .names] | join(" ")')" "kept 6" "behind a restart"
wait_for 20 '[ "$(tables)" = 1 ]'

# A process that is started anew has them too.
pid=$(dns_pid)
kill -KILL "$pid"
wait_for 20 '[ "$(dns_pid)" -gt 0 ] && [ "$(dns_pid)" != '"$pid"' ]'
wait_for 20 '[ "$(tables)" = 1 ]'
assert_eq "$(ask_name lan1 $LAN_GW more.example.com A)" 0.0.0.0 "behind a kill"

# A list that is configured no more leaves nothing.
assert_eq "$(ls $COPIES)" "$(printf 'allow-fine\nblock-ads')" "copies"
lists_conf | gw_conf
reload
wait_for 20 '[ "$(tables)" = 0 ]'
assert_eq "$(ls $COPIES)" "" "copies of lists that are gone"
assert_eq "$(hp_json show lists -- .names)" 0 "names without lists"
