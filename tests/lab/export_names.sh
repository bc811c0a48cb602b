#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What `hairpin export` writes for another name server works there as it does here: export_names.sh BUILD dnsmasq|unbound|hosts
#
# The public zone has an AAAA and an HTTPS record of each name: none of them may get past what was exported, and names below and beside are as the zone has them.
. "$(dirname "$0")/lab.sh"

cell=$1
PORT=5300

conf() {
	cat <<-END
		services:
		  - name: app
		    domain: app.example.com
		    host: $SRV_ADDR
		    ports: [80/tcp]
		  - name: odd
		    domain: odd.pattern.example.com
		    host: $SRV_ADDR
		    ports: ["8443:443/tcp"]
		dns:
		  upstream: [$AUTH_ADDR]
		  rewrites:
		    - { domain: "*.pattern.example.com", answer: [$SRV_ADDR, "fd00:5::30"] }
		    - { domain: nick.example.com, answer: app.example.com }
	END
}

# server_run: what was exported, in the real program.
server_run() {
	case $cell in
	dnsmasq)
		spawn server gw dnsmasq --keep-in-foreground --conf-file="$LAB_DIR/exported" --user=root --pid-file= --log-facility=- --port=$PORT --no-resolv --no-hosts \
			--bind-interfaces --listen-address=$LAN_GW --server=$AUTH_ADDR
		;;
	unbound)
		cat - "$LAB_DIR/exported" >"$LAB_DIR/unbound.conf" <<-END
			server:
			  interface: $LAN_GW
			  port: $PORT
			  access-control: 0.0.0.0/0 allow
			  chroot: ""
			  username: ""
			  directory: "$LAB_DIR"
			  pidfile: ""
			  use-syslog: no
			  module-config: "iterator"
			forward-zone:
			  name: "."
			  forward-addr: $AUTH_ADDR
		END
		spawn server gw unbound -d -p -c "$LAB_DIR/unbound.conf"
		;;
	esac
	wait_for 10 "listens gw udp $PORT"
}

asked() {
	ask_name lan1 $LAN_GW "$1" "$2" -p $PORT
}

lab_up bridge
gw_conf < <(conf)
gw "$HAIRPIN" export -f "$CONF" "$cell" >"$LAB_DIR/exported"
assert_match "$(cat "$LAB_DIR/exported")" '# - odd.pattern.example.com keeps its public address' "what is said at the top"

if [ "$cell" = hosts ]; then
	cp "$LAB_DIR/exported" /etc/hosts
	echo "nameserver 127.0.0.1" >/etc/resolv.conf
	assert_eq "$(lan1 getent ahosts app.example.com | awk '{ print $1 }' | sort -u)" $SRV_ADDR "getaddrinfo"
	assert_eq "$(lan1 getent ahosts nick.example.com | awk '{ print $1 }' | sort -u)" $SRV_ADDR "getaddrinfo of the alias"
	assert_match "$(cat "$LAB_DIR/exported")" '# - \*.pattern.example.com: a hosts file has no patterns' "what is said of patterns"
	exit 0
fi

auth_serve <<END
*.app A $INET_ADDR
pattern A $INET_ADDR
*.pattern A $INET_ADDR
odd.pattern A $WAN_ADDR
odd.pattern AAAA $WAN_ADDR6
nick A $WAN_ADDR
nick HTTPS 1 . alpn=h3 ipv4hint=$WAN_ADDR
END
server_run

assert_eq "$(asked app.example.com A)" $SRV_ADDR "A"
for type in AAAA HTTPS SVCB MX TXT; do
	assert_eq "$(asked app.example.com $type)" NOERROR "$type"
done
assert_eq "$(asked below.app.example.com A)" $INET_ADDR "a name below"
assert_eq "$(asked other.example.com HTTPS)" "1 . alpn=\"h2\" ipv4hint=$INET_ADDR" "HTTPS of another name"
assert_eq "$(asked any.pattern.example.com A)" $SRV_ADDR "A of a name of the pattern"
assert_eq "$(asked any.pattern.example.com AAAA)" fd00:5::30 "its AAAA"
assert_eq "$(asked any.pattern.example.com HTTPS)" NOERROR "its HTTPS"
assert_eq "$(asked odd.pattern.example.com A)" $WAN_ADDR "A of the exception"
assert_eq "$(asked odd.pattern.example.com AAAA)" $WAN_ADDR6 "AAAA of the exception"
assert_match "$(asked nick.example.com A)" "$SRV_ADDR\$" "A of the alias"
refute grep -q "$WAN_ADDR" <<<"$(asked nick.example.com HTTPS)"
if [ "$cell" = dnsmasq ]; then
	assert_eq "$(asked pattern.example.com A)" $INET_ADDR "what stands above the pattern"
else
	assert_match "$(cat "$LAB_DIR/exported")" '# - \*.pattern.example.com: pattern.example.com itself is answered the same' "what unbound cannot"
fi
