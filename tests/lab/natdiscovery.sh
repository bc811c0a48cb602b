#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Requirements: 1, 10, 11, 12.
# An independent tester agrees (RFC 5780, coturn's turnutils_natdiscovery): natdiscovery.sh BUILD FILTERING HAIRPIN-FILTERING
#
# From a LAN host, against a server with two addresses: endpoint-independent mapping, the filtering that is configured, and loopback
# of the host's own mapping as filtering and nat.hairpin-filtering imply; the same with packets padded to 1500 octets.
. "$(dirname "$0")/lab.sh"

filtering=$1 hairpin=$2

# The tester sends from one socket of the host to the mapping of another one; under `same` that mapping's host has spoken to the STUN server
# only, never to the public address, so every filtering but the open one refuses it.
declare -A loopback=(
	[endpoint-independent,open]=yes [endpoint-independent,same]=yes
	[address-dependent,open]=yes [address-dependent,same]=no
	[address-and-port-dependent,open]=yes [address-and-port-dependent,same]=no
)
declare -A words=(
	[endpoint-independent]="NAT with Endpoint Independent Filtering!"
	[address-dependent]="NAT with Address Dependent Filtering!"
	[address-and-port-dependent]="NAT with Address and Port Dependent Filtering!"
)

# discover OPTION...: what the tester says.
discover() {
	in_ns lan1 timeout 60 turnutils_natdiscovery "$@" -p 3478 $INET_ADDR 2>&1
}

lab_up bridge
gw_conf <<-END
	nat: { filtering: $filtering, hairpin-filtering: $hairpin }
END
hairpind_start
spawn turnserver inet turnserver -n --no-cli --stun-only --no-tls --no-dtls --log-file stdout --userdb "$LAB_DIR/turndb" \
	-L $INET_ADDR -L $INET_ADDR2 -p 3478 --alt-listening-port 3479
for address in $INET_ADDR $INET_ADDR2; do
	for port in 3478 3479; do
		wait_for 10 "listens inet udp $port"
	done
done

for padding in "" -P; do
	discover -m $padding | tee "$LAB_DIR/mapping$padding" | grep -q 'Endpoint Independent Mapping'  ||
		fail "mapping: $(cat "$LAB_DIR/mapping$padding")"
	discover -f $padding >"$LAB_DIR/filtering$padding" || true
	grep -qiF "${words[$filtering]}" "$LAB_DIR/filtering$padding" ||
		fail "filtering: $(cat "$LAB_DIR/filtering$padding")"
	discover -H $padding >"$LAB_DIR/hairpin$padding" || true
	verdict=no
	grep -q 'Received a request' "$LAB_DIR/hairpin$padding" && verdict=yes
	assert_eq "$verdict" "${loopback[$filtering,$hairpin]}" "loopback${padding:+, padded}"
done
