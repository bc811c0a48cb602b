#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Lists that are fetched: once, again only if they changed, and the last good one whatever becomes of their server.
. "$(dirname "$0")/lab.sh"
. "$(dirname "$0")/lib/blocklists.sh"

lab_up bridge
auth_serve </dev/null
http_serve inet 80
root=$LAB_DIR/nginx-inet/root
printf '||ads.example.com^\n||tracker.example.com^\n' >"$root/ads.txt"
touch -d '2026-01-01' "$root/ads.txt"
# The gateway asks for the server by name, as any program of the machine does.
echo "$INET_ADDR lists.example.net" >>/etc/hosts
hairpin_up < <(lists_conf "blocklists: [ { name: ads, url: \"http://lists.example.net/ads.txt\" } ]" 'block: [mine.example.com]')
wait_for 20 '[ "$(list_is ads .state)" = fetched ]'
assert_eq "$(list_is ads '[.names, .error] | join(" ")')" "2 " "the list"
wait_for 20 '[ "$(tables)" = 1 ]'
gets() {
	grep -c '/ads.txt' "$LAB_DIR/inet.access.log"
}
assert_eq "$(gets)" 1 "questions"

# Who reloads asks again, and is told that nothing is new.
reload
wait_for 20 '[ "$(list_is ads .state)" = unchanged ]'
wait_for 20 '[ "$(gets)" = 2 ]'

echo more.example.com >>"$root/ads.txt"
reload
wait_for 20 '[ "$(list_is ads .names)" = 3 ]'

# A page that wants a password, less than was promised, and nobody there.
cp "$root/ads.txt" "$LAB_DIR/good.txt"
printf '<!DOCTYPE html>\n<html>sign in</html>\n' >"$root/ads.txt"
reload
wait_for 20 '[ "$(list_is ads .error)" = "a page in HTML and no list" ]'
assert_eq "$(list_is ads '[.state, .names] | join(" ")')" "kept 3" "behind a page"
rm "$root/ads.txt"
reload
wait_for 20 '[ "$(list_is ads .error)" = "the server answers 404" ]'
stop http-inet || true
printf 'HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\na.example\nb.example\n' >"$LAB_DIR/short"
spawn short inet socat TCP-LISTEN:80,reuseaddr,fork "SYSTEM:cat $LAB_DIR/short"
wait_for 10 "listens inet tcp 80"
reload
wait_for 20 'list_is ads .error | grep -q "with .* bytes remaining"'
assert_eq "$(list_is ads '[.state, .names] | join(" ")')" "kept 3" "behind half a list"
stop short || true
reload
wait_for 30 'list_is ads .error | grep -q "onnect"'
assert_eq "$(list_is ads '[.state, .names] | join(" ")')" "kept 3" "with a dead server"

# Before the network is up there is the copy.
hairpind_stop
hairpind_start
wait_for 10 '[ "$(list_is ads .names)" = 3 ]'
wait_for 20 '[ "$(tables)" = 1 ]'

# The server comes back, and says where the list is now. Not inside: that is what strangers shall not make us ask for.
http_serve srv 80
echo inside.example.com >"$LAB_DIR/nginx-srv/root/ads.txt"
printf 'HTTP/1.1 302 Found\r\nLocation: http://%s/ads.txt\r\nContent-Length: 0\r\nConnection: close\r\n\r\n' $SRV_ADDR >"$LAB_DIR/away"
spawn away inet socat TCP-LISTEN:80,reuseaddr,fork "SYSTEM:cat $LAB_DIR/away"
wait_for 10 "listens inet tcp 80"
reload
wait_for 30 '[ "$(list_is ads .error)" = "the server leads into a private network" ]'
refute grep -q ads.txt "$LAB_DIR/srv.access.log"
stop away || true
printf 'HTTP/1.1 301 Moved\r\nLocation: http://%s:8080/ads.txt\r\nContent-Length: 0\r\nConnection: close\r\n\r\n' $INET_ADDR2 >"$LAB_DIR/away"
spawn moved inet socat TCP-LISTEN:80,reuseaddr,fork "SYSTEM:cat $LAB_DIR/away"
cp "$LAB_DIR/good.txt" "$root/ads.txt"
echo four.example.com >>"$root/ads.txt"
http_serve inet 8080
reload
wait_for 30 '[ "$(list_is ads .names)" = 4 ]'
assert_eq "$(list_is ads .error)" "" "error, all is well"
