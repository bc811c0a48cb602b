# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What nsd serves for the comparison: the same records three times, in a zone without signatures (plain.example.com), one with NSEC (nsec.example.com) and one
# with NSEC3 (nsec3.example.com).

zone_records() { # ZONE
	cat <<-END
		\$ORIGIN $1.
		\$TTL 300
		@ SOA ns hostmaster 1 3600 600 86400 60
		@ NS ns
		@ A 203.0.113.1
		@ AAAA 2001:db8:99::1
		@ MX 10 mail
		@ MX 20 mail.example.net.
		@ TXT "v=spf1 -all"
		@ CAA 0 issue "ca.example.net"
		ns A $AUTH_ADDR
		mail A 203.0.113.2
		mail AAAA 2001:db8:99::2
		many 60 A 203.0.113.11
		many 60 A 203.0.113.12
		many 60 A 203.0.113.13
		many 60 A 203.0.113.14
		four A 203.0.113.3
		six AAAA 2001:db8:99::3
		MiXed.CaSe A 203.0.113.4
		empty.below TXT "its parent has no record"
		* A 203.0.113.5
		* TXT "wild"
		*.deep.wild AAAA 2001:db8:99::5
		chain1 CNAME chain2
		chain2 CNAME chain3
		chain3 CNAME four
		dangling CNAME nowhere.below.mail
		outward CNAME four.plain.example.com.
		loop1 CNAME loop2
		loop2 CNAME loop1
		tree DNAME below.mail
		leaf.below.mail A 203.0.113.6
		_sip._tcp SRV 10 5 5060 mail
		_sip._tcp SRV 20 5 5060 four
		naptr NAPTR 100 10 "s" "SIP+D2U" "" _sip._tcp
		https HTTPS 1 . alpn=h3,h2 port=8443 ipv4hint=203.0.113.7 ipv6hint=2001:db8:99::7
		aliased HTTPS 0 https
		_8443._foo SVCB 1 four alpn=h2 key65280="unknown"
		hinfo HINFO "cpu" "os"
		loc LOC 52 22 23.000 N 4 53 32.000 E -2.00m 0.00m 10000m 10m
		sshfp SSHFP 4 2 123456789abcdef67890123456789abcdef67890123456789abcdef123456789
		_443._tcp TLSA 3 1 1 123456789abcdef67890123456789abcdef67890123456789abcdef123456789
		uri URI 10 1 "https://www.example.net/"
		pointer PTR four
		unknown TYPE65280 \\# 4 0a000001
		unknown TYPE4711 \\# 0
		rp RP hostmaster txt
		afsdb AFSDB 1 four
		app A 203.0.113.19
		app AAAA 2001:db8:99::19
		app HTTPS 1 . alpn=h3 ipv4hint=203.0.113.19
		app MX 10 mail
		app TXT "public"
		inward A 192.168.1.99
		hinted HTTPS 1 . ipv4hint=192.168.1.99
		zero 0 A 203.0.113.8
		odd\\.dot A 203.0.113.9
		odd\\032space A 203.0.113.10
		odd\\000\\255octets TXT "any octet"
		_under_score A 203.0.113.15
		123 A 203.0.113.16
		$(printf 'a%.0s' {1..63}) A 203.0.113.17
		$(printf 'b%.0s' {1..60}).$(printf 'c%.0s' {1..60}).$(printf 'd%.0s' {1..60}) A 203.0.113.18
		text TXT "$(printf 'x%.0s' {1..255})" "" "quote \" and \\\\ backslash"
		text400 TXT $(printf '"%s" ' "$(printf 'y%.0s' {1..200})"{,,})
		$(for n in 8 15 40 100 300; do for ((i = 0; i < n; i++)); do echo "big$n AAAA 2001:db8:99::$n:$i"; done; done)
		$(for ((i = 0; i < 100; i++)); do printf 'huge TXT "%03d%s"\n' $i "$(printf 'z%.0s' {1..240})"; done)
	END
}

# compare_serve: nsd with the three zones.
compare_serve() {
	local zone key how
	{
		cat <<-END
			server:
			  ip-address: $AUTH_ADDR
			  username: ""
			  zonesdir: "$LAB_DIR"
			  database: ""
			  pidfile: "$LAB_DIR/nsd.pid"
			  xfrdfile: "$LAB_DIR/xfrd.state"
			  zonelistfile: "$LAB_DIR/zone.list"
			  rrl-ratelimit: 0
			  minimal-responses: no
			  round-robin: no
			remote-control:
			  control-enable: no
		END
		for zone in plain nsec nsec3; do
			printf 'zone:\n  name: %s.example.com\n  zonefile: "%s"\n' $zone "$LAB_DIR/$zone.zone"
		done
	} >"$LAB_DIR/nsd.conf"
	for zone in plain nsec nsec3; do
		zone_records $zone.example.com >"$LAB_DIR/$zone.zone"
	done
	for zone in nsec nsec3; do
		how=()
		[ $zone = nsec ] || how=(-n -s 5a17)
		key=$(cd "$LAB_DIR" && ldns-keygen -a ECDSAP256SHA256 -k $zone.example.com)
		ldns-signzone "${how[@]}" -f "$LAB_DIR/$zone.signed" "$LAB_DIR/$zone.zone" "$LAB_DIR/$key"
		mv "$LAB_DIR/$zone.signed" "$LAB_DIR/$zone.zone"
	done
	spawn nsd inet nsd -d -c "$LAB_DIR/nsd.conf"
	wait_for 20 "listens inet udp 53"
}
