# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# An authority of the lab's own, servers with its certificates, and a resolver that answers under TLS.

CA=$LAB_DIR/ca.pem

certificate_key() { # FILE
	certtool --generate-privkey --key-type ecdsa --curve secp256r1 --outfile "$1" >&2
}

# authority_make: $CA.
authority_make() {
	certificate_key "$LAB_DIR/ca.key"
	printf 'cn = "lab"\nca\ncert_signing_key\nexpiration_days = 10\n' >"$LAB_DIR/ca.tmpl"
	certtool --generate-self-signed --load-privkey "$LAB_DIR/ca.key" --template "$LAB_DIR/ca.tmpl" --outfile "$CA" 2>/dev/null
}

# certificate_make NAME [self] <<END: NAME.pem and NAME.key in $LAB_DIR with what stands in the template; by the authority, or by itself.
certificate_make() {
	local at=$LAB_DIR/$1
	local -a by=(--generate-certificate --load-ca-certificate "$CA" --load-ca-privkey "$LAB_DIR/ca.key")
	[ "${2:-}" != self ] || by=(--generate-self-signed)
	certificate_key "$at.key"
	{
		printf 'cn = "server"\ntls_www_server\nsigning_key\n'
		cat
	} >"$at.tmpl"
	certtool "${by[@]}" --load-privkey "$at.key" --template "$at.tmpl" --outfile "$at.pem" 2>/dev/null
}

# unbound_tls NAME: unbound on $AUTH_ADDR, DNS over TLS at 853 and over HTTPS at 443, with that certificate and a few names. Nothing at 53.
unbound_tls() {
	cat >"$LAB_DIR/unbound.conf" <<-END
		server:
		  interface: $AUTH_ADDR@853
		  interface: $AUTH_ADDR@443
		  https-port: 443
		  tls-port: 853
		  tls-service-key: "$LAB_DIR/$1.key"
		  tls-service-pem: "$LAB_DIR/$1.pem"
		  username: ""
		  chroot: ""
		  directory: "$LAB_DIR"
		  pidfile: ""
		  use-syslog: no
		  verbosity: 1
		  num-threads: 1
		  do-daemonize: no
		  access-control: 0.0.0.0/0 allow
		  module-config: "iterator"
		  local-zone: "example.com." static
		  local-data: "other.example.com. 300 A $INET_ADDR"
		  local-data: "third.example.com. 300 A $INET_ADDR"
		  local-data: "second.example.com. 300 A $INET_ADDR2"
		remote-control:
		  control-enable: no
	END
	for ((i = 0; i < 200; i++)); do echo "  local-data: \"n$i.example.com. 300 A $INET_ADDR\""; done >"$LAB_DIR/many.conf"
	sed -i "/^remote-control/e cat $LAB_DIR/many.conf" "$LAB_DIR/unbound.conf"
	spawn unbound inet unbound -d -c "$LAB_DIR/unbound.conf"
	wait_for 20 "listens inet tcp 853 && listens inet tcp 443"
}
