# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# DHCP in the lab: a configuration, and clients that touch nothing but their own device and a file of what they were told.

LEASE_FIRST=192.168.11.100
LEASE_LAST=192.168.11.199

# leases_conf [MORE-KEYS-OF-THE-ITEM]: names_conf, and leases for the first LAN.
leases_conf() {
	names_conf
	cat <<-END
		dhcp:
		  - interface: $LAN_DEV
		    range: $LEASE_FIRST-$LEASE_LAST
		$(printf '%s\n' "$@" | sed 's/^\(.\)/    \1/')
	END
}

# dhcpd_pid: of dnsmasq; 0 while there is none.
dhcpd_pid() {
	hp_json status -- .dhcp.process
}

# client_start NS [DHCLIENT-OPTION...]: dhclient on eth0 there, which has no address any more. What it was told is told_to NS KEY.
client_start() {
	local ns=$1
	shift
	cat >"$LAB_DIR/configure-$ns" <<-END
		#!/bin/sh
		case \$reason in
		BOUND | RENEW | REBIND | REBOOT)
			env | grep '^new_' >"$LAB_DIR/$ns.told.next"
			mv "$LAB_DIR/$ns.told.next" "$LAB_DIR/$ns.told"
			ip addr replace "\$new_ip_address/\$new_subnet_mask" dev "\$interface"
			ip route replace default via "\$new_routers" dev "\$interface"
			;;
		EXPIRE | FAIL)
			ip -4 addr flush dev "\$interface"
			rm -f "$LAB_DIR/$ns.told"
			;;
		esac
	END
	chmod +x "$LAB_DIR/configure-$ns"
	ip -n "$ns" -4 addr flush dev eth0
	rm -f "$LAB_DIR/$ns.told"
	spawn "client-$ns" "$ns" dhclient -4 -d -v -sf "$LAB_DIR/configure-$ns" -lf "$LAB_DIR/client-$ns.leases" \
		-pf "$LAB_DIR/client-$ns.pid" "$@" eth0
}

# client_start_busybox NS: the same with udhcpc, which most small machines have.
client_start_busybox() {
	local ns=$1
	cat >"$LAB_DIR/configure-$ns" <<-END
		#!/bin/sh
		case \$1 in
		bound | renew)
			{
				echo "new_ip_address=\$ip"
				echo "new_domain_name_servers=\$dns"
				echo "new_routers=\$router"
				echo "new_domain_name=\$domain"
			} >"$LAB_DIR/$ns.told.next"
			mv "$LAB_DIR/$ns.told.next" "$LAB_DIR/$ns.told"
			ip addr replace "\$ip/\$mask" dev "\$interface"
			ip route replace default via "\$router" dev "\$interface"
			;;
		deconfig)
			ip -4 addr flush dev "\$interface"
			rm -f "$LAB_DIR/$ns.told"
			;;
		esac
	END
	chmod +x "$LAB_DIR/configure-$ns"
	ip -n "$ns" -4 addr flush dev eth0
	rm -f "$LAB_DIR/$ns.told"
	spawn "client-$ns" "$ns" busybox udhcpc -f -i eth0 -t 10 -s "$LAB_DIR/configure-$ns" -O search
}

# client_bound NS: until it has a lease.
client_bound() {
	wait_for 60 "[ -s '$LAB_DIR/$1.told' ]"
}

# told_to NS KEY: as dhclient calls it, without new_: ip_address, domain_name_servers, routers, ...
told_to() {
	sed -n "s/^new_$2=//p" "$LAB_DIR/$1.told"
}

# dhclient_conf NS LINE...: a configuration for client_start NS -cf "$LAB_DIR/NS.conf".
dhclient_conf() {
	local ns=$1
	shift
	printf '%s;\n' 'request subnet-mask, routers, domain-name-servers, domain-name, domain-search, host-name' "$@" \
		>"$LAB_DIR/$ns.conf"
}

# mac_of NS
mac_of() {
	cat < <(nsenter --net="/run/netns/$1" ip -j link show eth0 | jq -r '.[0].address')
}
