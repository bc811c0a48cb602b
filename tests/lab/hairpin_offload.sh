#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A large transfer through the loopback keeps its checksums right: hairpin_offload.sh BUILD hosts|gateway|none|all
#
# The word says who has segmentation and checksum offload. With `hosts` packets arrive as large segments with partial
# checksums and the gateway's devices finish them; with `none` every checksum is complete on every link.
. "$(dirname "$0")/lab.sh"

offload=$1
lab_up bridge
hairpin_up < <(standard_services)
http_serve srv 443 80
http_files srv 3000000

offload_off() { # NS DEVICE
	in_ns "$1" ethtool -K "$2" tx off tso off gso off gro off >/dev/null
}
if [ "$offload" = gateway ] || [ "$offload" = none ]; then
	for ns in lan1 srv guest inet; do
		offload_off $ns eth0
	done
fi
if [ "$offload" = hosts ] || [ "$offload" = none ]; then
	for dev in wan p-lan1 p-srv lan2 br-lan; do
		offload_off gw $dev
	done
fi
for client in lan1 guest srv inet; do
	download "file-$client" $client http://$WAN_ADDR:8443/big
	downloaded "file-$client" srv
	assert_eq "$(in_ns $client nstat -asz TcpInCsumErrors | awk '/TcpInCsumErrors/ { print $2 }')" 0 \
		"wrong checksums at $client"
done
assert_eq "$(srv nstat -asz TcpInCsumErrors | awk '/TcpInCsumErrors/ { print $2 }')" 0 "wrong checksums at srv"
