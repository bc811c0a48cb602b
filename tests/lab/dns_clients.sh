#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Programs that people have reach the service at its LAN address by its name, whatever the public zone says: dns_clients.sh BUILD getaddrinfo|resolved|chromium
. "$(dirname "$0")/lab.sh"

# systemd-resolved: without its package, which would take over the machine's own /etc/resolv.conf. tools/bootstrap unpacks it there.
UNPACKED=$LAB_SRC/../../build-packages

# Straight, and not by way of the NAT, which would show the gateway's address.
page_is_from_lan() { # PAGE
	assert_match "$1" "$LAN1_ADDR:[0-9]+" "whom the server sees"
	assert_counted sent-hairpin "$sent" 0
}

cell_getaddrinfo() {
	echo "nameserver $LAN_GW" >/etc/resolv.conf
	assert_eq "$(lan1 getent ahosts app.example.com | awk '{ print $1 }' | sort -u)" $SRV_ADDR "getaddrinfo"
	assert_eq "$(lan1 getent ahostsv4 app.example.com | awk '{ print $1 }' | sort -u)" $SRV_ADDR "getaddrinfo for IPv4"
	assert_eq "$(lan1 getent ahostsv6 app.example.com | awk '{ print $1 }' | sort -u)" ::ffff:$SRV_ADDR "getaddrinfo for IPv6"
	assert_eq "$(lan1 getent ahosts other.example.com | awk '{ print $1 }' | sort -u)" "$(printf '%s\n' $INET_ADDR $INET_ADDR6)" "another name"
	page_is_from_lan "$(http_get lan1 http://app.example.com/)"
}

resolved_start() {
	local shared
	shared=$(dirname "$(find "$UNPACKED" -name 'libsystemd-shared-*.so')")
	grep -q '^systemd-resolve:' /etc/passwd || echo 'systemd-resolve:x:991:991::/:/usr/sbin/nologin' >>/etc/passwd
	grep -q '^systemd-resolve:' /etc/group || echo 'systemd-resolve:x:991:' >>/etc/group
	mkdir -p /etc/systemd /run/dbus /run/systemd
	printf '[Resolve]\nDNS=%s\nFallbackDNS=\nDomains=~.\nLLMNR=no\nMulticastDNS=no\nDNSSEC=no\n' $LAN_GW >/etc/systemd/resolved.conf
	cat >"$LAB_DIR/dbus.conf" <<-END
		<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN" "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
		<busconfig>
		  <type>system</type>
		  <listen>unix:path=/run/dbus/system_bus_socket</listen>
		  <auth>EXTERNAL</auth>
		  <policy context="default"><allow user="*"/><allow own="*"/><allow send_destination="*"/><allow receive_sender="*"/></policy>
		</busconfig>
	END
	spawn dbus lan1 dbus-daemon --nofork --nopidfile --config-file="$LAB_DIR/dbus.conf"
	wait_for 10 '[ -S /run/dbus/system_bus_socket ]'
	spawn resolved lan1 env LD_LIBRARY_PATH="$shared" "$UNPACKED/lib/systemd/systemd-resolved"
	wait_for 20 'listens lan1 udp 53'
	RESOLVECTL=(env LD_LIBRARY_PATH="$shared" "$UNPACKED/usr/bin/resolvectl")
}

cell_resolved() {
	resolved_start
	wait_for 20 'lan1 "${RESOLVECTL[@]}" query -4 app.example.com'
	assert_match "$(lan1 "${RESOLVECTL[@]}" query app.example.com)" "app.example.com: $SRV_ADDR +" "its answer over D-Bus"
	refute lan1 "${RESOLVECTL[@]}" query -6 app.example.com
	for type in AAAA TYPE65 MX; do
		refute lan1 "${RESOLVECTL[@]}" query --type=$type app.example.com
	done
	assert_match "$(lan1 "${RESOLVECTL[@]}" query --type=MX example.com)" "MX 10 mail.example.com" "MX of the domain"
	echo "nameserver 127.0.0.53" >/etc/resolv.conf
	assert_eq "$(lan1 getent ahosts app.example.com | awk '{ print $1 }' | sort -u)" $SRV_ADDR "getaddrinfo by way of it"
	assert_eq "$(ask_name lan1 127.0.0.53 app.example.com HTTPS)" NOERROR "HTTPS by way of it"
	page_is_from_lan "$(http_get lan1 http://app.example.com/)"
}

cell_chromium() {
	echo "nameserver $LAN_GW" >/etc/resolv.conf
	capture_start asked gw br-lan udp port 53
	# Its own resolver, which asks for HTTPS records as well, and not glibc's. Nothing of it goes anywhere else.
	page_is_from_lan "$(lan1 timeout $((60 * LAB_TIME_FACTOR)) env HOME="$LAB_DIR" chromium --headless --no-sandbox --disable-gpu \
		--disable-dev-shm-usage --no-proxy-server --user-data-dir="$LAB_DIR/chromium" --enable-features=AsyncDns,UseDnsHttpsSvcb \
		--disable-background-networking --dump-dom http://app.example.com/)"
	capture_stop asked
	assert_ge "$(tcpdump -n -r "$LAB_DIR/asked.pcap" 2>/dev/null | grep -c -E '(HTTPS|Type65)\? app.example.com')" 1 "questions for HTTPS records"
}

lab_up bridge
auth_serve </dev/null
hairpin_up < <(names_conf)
http_serve srv 80
# A provider that leads the private network here.
ip -n inet route add 192.168.11.0/24 via $WAN_ADDR
sent=$(packets sent-hairpin)
"cell_$1"

# From outside nothing answers, at no address of ours.
for address in $WAN_ADDR $WAN_ADDR6 $LAN_GW $LAN_GW6; do
	refute inet dig "@$address" +tries=1 +time=1 app.example.com A
	refute inet dig "@$address" +tcp +tries=1 +time=1 app.example.com A
done
