#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Each client has the lists of its group: by address, by Ethernet address wherever that goes, by network.
. "$(dirname "$0")/lab.sh"

lab_up bridge
auth_serve <<END
ads A $INET_ADDR
games A $INET_ADDR
END
echo "||ads.example.com^" >/etc/hairpin/ads.txt
echo "||games.example.com^" >/etc/hairpin/kids.txt
conf() {
	names_conf
	cat <<-END
		  blocklists:
		    - { name: ads, path: /etc/hairpin/ads.txt }
		    - { name: kids, path: /etc/hairpin/kids.txt }
		  groups:
		    - { name: free, clients: [$LAN1_ADDR], blocking: no }
		    - { name: child, clients: ["$(mac_of srv)"], blocklists: [kids] }
		    - { name: guests, clients: [192.168.12.0/24], blocklists: [ads] }
	END
}
hears() { # CLIENT SERVER ADS GAMES [OPTION...]
	[ "$(ask_name "$1" "$2" ads.example.com A "${@:5}")" = "$3" ] && [ "$(ask_name "$1" "$2" games.example.com A "${@:5}")" = "$4" ]
}
hairpin_up < <(conf)
wait_for 20 "hears guest $GUEST_GW 0.0.0.0 $INET_ADDR"
hears lan1 $LAN_GW $INET_ADDR $INET_ADDR
wait_for 20 "hears srv $LAN_GW $INET_ADDR 0.0.0.0"
lan1 ip addr add 192.168.11.3/24 dev eth0
hears lan1 $LAN_GW 0.0.0.0 0.0.0.0 -b 192.168.11.3

# The machine goes by its Ethernet address.
srv ip addr del $SRV_ADDR/24 dev eth0
srv ip addr add 192.168.11.222/24 dev eth0
wait_for 10 "hears srv $LAN_GW $INET_ADDR 0.0.0.0"
# And the address that it had means nothing any more.
lan1 ip addr add $SRV_ADDR/24 dev eth0
lan1 arping -c 1 -U -I eth0 $SRV_ADDR >/dev/null 2>&1 || true
wait_for 20 "hears lan1 $LAN_GW 0.0.0.0 0.0.0.0 -b $SRV_ADDR"

# Groups go with the configuration.
names_conf | gw_conf
reload
wait_for 10 "hears guest $GUEST_GW $INET_ADDR $INET_ADDR"
hears srv $LAN_GW $INET_ADDR $INET_ADDR
