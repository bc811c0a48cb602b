# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# A name server in the internet, and clients that ask.
#
# example.com there says what a public zone would: app, mail and the wildcard lead to the gateway's public address, by IPv6 and by HTTPS records too.

AUTH_ADDR=$INET_ADDR2

# names_conf: one service with a name, and the name server above as upstream.
names_conf() {
	cat <<-END
		services:
		  - name: app
		    domain: app.example.com
		    host: $SRV_ADDR
		    ports: [80/tcp]
		dns:
		  upstream: [$AUTH_ADDR]
	END
}

# dns_pid: of the DNS process; 0 while there is none.
dns_pid() {
	hp_json status -- .dns.process
}

# auth_serve [LINE...]: nsd on $AUTH_ADDR, until the end of the test. More records of example.com on stdin; LINEs for its section `server`.
auth_serve() {
	local zone=$LAB_DIR/example.com.zone
	{
		cat <<-END
			\$ORIGIN example.com.
			\$TTL 300
			@ SOA ns hostmaster 1 3600 600 86400 60
			@ NS ns
			ns A $AUTH_ADDR
			@ A $WAN_ADDR
			@ MX 10 mail
			app A $WAN_ADDR
			app AAAA $WAN_ADDR6
			app HTTPS 1 . alpn=h3,h2 ipv4hint=$WAN_ADDR ipv6hint=$WAN_ADDR6
			app MX 10 mail
			app TXT "public"
			mail A $INET_ADDR
			other A $INET_ADDR
			other AAAA $INET_ADDR6
			other HTTPS 1 . alpn=h2 ipv4hint=$INET_ADDR
			alias CNAME other
		END
		cat
	} >"$zone"
	cat >"$LAB_DIR/nsd.conf" <<-END
		server:
		  ip-address: $AUTH_ADDR
		  username: ""
		  zonesdir: "$LAB_DIR"
		  database: ""
		  pidfile: "$LAB_DIR/nsd.pid"
		  xfrdfile: "$LAB_DIR/xfrd.state"
		  zonelistfile: "$LAB_DIR/zone.list"
		  rrl-ratelimit: 0
		$([ $# -eq 0 ] || printf '  %s\n' "$@")
		remote-control:
		  control-enable: no
		zone:
		  name: example.com
		  zonefile: "$zone"
	END
	spawn nsd inet nsd -d -c "$LAB_DIR/nsd.conf"
	wait_for 10 "listens inet udp 53"
}

# ask_name NS SERVER NAME TYPE [OPTION...]: the answer's records without names and TTLs, one a line; its status where there is none.
ask_name() {
	local ns=$1 server=$2 name=$3 type=$4 answer
	shift 4
	answer=$(in_ns "$ns" dig @"$server" +tries=1 +time=5 +noall +answer +comments "$@" "$name" "$type") || return
	if grep -q '^[^;]' <<<"$answer"; then
		awk '/^[^;]/ { $1 = $2 = $3 = $4 = ""; sub("^ *", ""); print }' <<<"$answer"
	else
		sed -n 's/.*status: \([A-Z]*\).*/\1/p' <<<"$answer"
	fi
}
