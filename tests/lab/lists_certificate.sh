#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A list's server that cannot prove its name says nothing that counts: the last good copy stays in force, and it is said why.
. "$(dirname "$0")/lab.sh"
. "$(dirname "$0")/lib/blocklists.sh"
. "$LAB_SRC/lib/certificates.sh"

root=$LAB_DIR/https
# https_serve NAME: ads.txt on port 443 of the internet, with that certificate; instead of the server before.
https_serve() {
	! [ -e "$root" ] || stop https || true
	mkdir -p "$root/root"
	cat >"$root/nginx.conf" <<-END
		user root;
		worker_processes 1;
		pid $root/pid;
		error_log $LAB_DIR/https.log info;
		events { worker_connections 64; }
		http {
			access_log $LAB_DIR/https.access.log;
			client_body_temp_path $root/body;
			default_type text/plain;
			server {
				listen 443 ssl;
				ssl_certificate $LAB_DIR/$1.pem;
				ssl_certificate_key $LAB_DIR/$1.key;
				root $root/root;
				location = /away.txt { return 302 http://lists.example.net/ads.txt; }
			}
		}
	END
	spawn https inet nginx -e "$LAB_DIR/https.log" -p "$root" -c "$root/nginx.conf" -g 'daemon off;'
	wait_for 10 "listens inet tcp 443"
}

# refused WORDS: of the list, for that reason; and the copy is in force all the same.
refused() {
	wait_for 30 "list_is ads .error | grep -qiE '$1'"
	assert_eq "$(list_is ads '[.state, .names] | join(" ")')" "kept 1" "$1: the last good one"
	assert_eq "$(ask_name lan1 $LAN_GW ads.example.com A)" 0.0.0.0 "$1: what it blocks"
	assert_eq "$(ask_name lan1 $LAN_GW other.example.com A)" $INET_ADDR "$1: what the other would block"
	hp status | grep -q '^lists .*1 could not be read as it is now' || fail "$1: status does not say so"
	grep -qiE "list ads: .*($1).*; the last good one stays" "$LAB_DIR/hairpind.log" || fail "$1: the log does not say so"
}

lab_up bridge
auth_serve <<<"ads A $INET_ADDR"
authority_make
cat "$CA" >>/etc/ssl/certs/ca-certificates.crt
certificate_make good <<<$'dns_name = "lists.example.net"\nexpiration_days = 5'
certificate_make other <<<$'dns_name = "lists.example.org"\nexpiration_days = 5'
certificate_make expired <<<$'dns_name = "lists.example.net"\nactivation_date = "2020-01-01 00:00:00"\nexpiration_date = "2021-01-01 00:00:00"'
certificate_make selfmade self <<<$'dns_name = "lists.example.net"\nexpiration_days = 5'
echo "$INET_ADDR lists.example.net" >>/etc/hosts

https_serve good
echo '||ads.example.com^' >"$root/root/ads.txt"
hairpin_up < <(lists_conf 'blocklists: [ { name: ads, url: "https://lists.example.net/ads.txt" } ]')
wait_for 20 '[ "$(list_is ads "[.state, .names, .error] | join(\" \")")" = "fetched 1 " ]'

# From here on the server has something else to say, which nobody may hear.
echo '||other.example.com^' >>"$root/root/ads.txt"
asked=$(grep -c ads.txt "$LAB_DIR/https.access.log")
https_serve other
reload
refused 'name .* does not match'
https_serve expired
reload
refused 'expired certificate'
https_serve selfmade
reload
refused 'issuer is unknown'
# Not even what is asked for was said.
assert_eq "$(grep -c ads.txt "$LAB_DIR/https.access.log")" "$asked" "questions that such a server heard"

# Nor after a restart, when there is the copy alone.
hairpind_stop
hairpind_start
wait_for 20 '[ "$(ask_name lan1 $LAN_GW ads.example.com A)" = 0.0.0.0 ]'
reload
refused 'issuer is unknown'

# A server that is what it says, and leads to where nobody has to prove anything.
https_serve good
http_serve inet 80
echo '||other.example.com^' >"$LAB_DIR/nginx-inet/root/ads.txt"
lists_conf 'blocklists: [ { name: ads, url: "https://lists.example.net/away.txt" } ]' | gw_conf
reload
wait_for 30 'list_is ads .error | grep -qi "protocol.*http"'
assert_eq "$(list_is ads .state)" failed "a list of another address, which has no copy"
refute grep -q ads.txt "$LAB_DIR/inet.access.log"

# It proves itself again, and is heard.
lists_conf 'blocklists: [ { name: ads, url: "https://lists.example.net/ads.txt" } ]' | gw_conf
reload
wait_for 30 '[ "$(list_is ads "[.state, .names, .error] | join(\" \")")" = "fetched 2 " ]'
wait_for 10 '[ "$(ask_name lan1 $LAN_GW other.example.com A)" = 0.0.0.0 ]'
