#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Who may talk to whom, one cell of the table: segment.sh BUILD open|isolated DESTINATION yes|no
#
# The asker is guest, on a segment that is isolated or not. DESTINATION is one of
#   wan               a host outside, over IPv4
#   wan6              the same over IPv6
#   gateway-service   a service of the gateway, at its address on the segment
#   gateway-service6  the same over IPv6
#   gateway-dns       a name asked of the gateway
#   gateway-dhcp      a lease asked of the gateway
#   own-service       a service of the gateway, at the public address
#   other-segment     an undeclared service of a host on the other segment
#   other-segment6    the same over IPv6
#   gateway-far       a service of the gateway, at its address on the other segment
#   declared          a declared service, at the public address
#   declared-direct   a declared service, at its host's own address
. "$(dirname "$0")/lab.sh"

segment=$1 destination=$2 wanted=$3

# A service of the destination at an address: both protocols must agree.
reaches() { # ENDPOINT
	local udp=no tcp=no
	! guest ask -w 1500 "$1" || udp=yes
	! guest ask -t -w 1500 "$1" || tcp=yes
	[ $udp = $tcp ] || fail "udp $udp, tcp $tcp"
	[ $udp = yes ]
}

resolves() {
	spawn dns gw dnsmasq -k -C /dev/null -p 53 --no-resolv --no-hosts --log-facility=- --user=root \
		--pid-file= --address=/inside.example.com/192.0.2.7
	wait_for 10 'listens gw udp 53'
	echo "nameserver $GUEST_GW" >/etc/resolv.conf
	guest timeout 8 getent ahostsv4 inside.example.com | has 192.0.2.7
}

leases() {
	spawn dhcp gw dnsmasq -k -C /dev/null -p 0 --log-facility=- --user=root --pid-file= --leasefile-ro \
		--dhcp-range=192.168.12.100,192.168.12.110,2m --interface=lan2
	wait_for 10 'listens gw udp 67'
	guest timeout 10 dhclient -4 -1 -d -sf /bin/true -lf "$LAB_DIR/guest.leases" -pf "$LAB_DIR/guest.pid" eth0
	grep -q 'fixed-address 192.168.12.1' "$LAB_DIR/guest.leases"
}

reaches_destination() {
	case $destination in
	wan) reaches $INET_ADDR:7001 ;;
	wan6) reaches "[$INET_ADDR6]:7001" ;;
	gateway-service) reaches $GUEST_GW:7002 ;;
	gateway-service6) reaches "[$GUEST_GW6]:7002" ;;
	gateway-far) reaches $LAN_GW:7002 ;;
	gateway-dns) resolves ;;
	gateway-dhcp) leases ;;
	own-service) reaches $WAN_ADDR:7002 ;;
	other-segment) reaches $SRV_ADDR:7003 ;;
	other-segment6) reaches "[$SRV_ADDR6]:7003" ;;
	declared) reaches $WAN_ADDR:7000 ;;
	declared-direct) reaches $SRV_ADDR:7000 ;;
	*) fail "no destination '$destination'" ;;
	esac
}

lab_up bridge
isolate=no
[ "$segment" = open ] || isolate=yes
{
	standard_services
	printf 'lan:\n  - interface: %s\n  - interface: lan2\n    isolate: %s\n' $LAN_DEV $isolate
} | gw_conf
hairpind_start
echo_serve srv 7000 7003
echo_serve inet 7001
echo_serve gw 7002

# What is refused must be there for others, or the refusal proves nothing.
lan1 ask $INET_ADDR:7001 $SRV_ADDR:7003 $LAN_GW:7002 $WAN_ADDR:7002 $WAN_ADDR:7000 >/dev/null

isolated=$(packets drop-isolated)
got=no
! reaches_destination || got=yes
assert_eq "$got" "$wanted" "$segment segment to $destination"
[ "$wanted" = yes ] || assert_counted drop-isolated "$isolated" 2
