#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Under systemd, in the sandbox of its unit, hairpind does all that it does without: unit_sandbox.sh BUILD gateway|bypass
#
# Not started before it is configured; ready when the data plane stands; a reload that is refused fails for who asked; stopped, started again and detached as everywhere else.
. "$(dirname "$0")/lab.sh"
. "$LAB_SRC/lib/blocklists.sh"
. "$LAB_SRC/lib/bypass.sh"
. "$LAB_SRC/lib/systemd.sh"

# What a sandbox that is too tight makes of it.
assert_at_ease() {
	refute grep -nE '^(error|warning): ' "$LAB_DIR/hairpind.log"
	refute grep -niE 'not permitted|permission denied|read-only|SIGSYS' "$LAB_DIR/hairpind.log"
}

status_of() { # FIELD
	manager_sees awk -v "field=$1:" '$1 == field { print $2 }' "/proc/$(hp_json status -- .pid)/status"
}

gateway_conf() {
	echo '0.0.0.0 ads.example.com' >/etc/hairpin/ads.txt
	chmod 600 /etc/hairpin/ads.txt
	gw_conf <<-END
		$(leases_conf)
		hosts-service: yes
	END
	sed -i "s|^dns:|&\n  log: { queries: yes }\n  blocklists: [ { name: ads, path: /etc/hairpin/ads.txt } ]|; s|ports: \[80/tcp\]|ports: [80/tcp, 7000/udp]|" $CONF
}

gateway_works() {
	assert_match "$(http_get inet http://$WAN_ADDR/)" "^$INET_ADDR:" "from outside"
	assert_match "$(http_get guest http://$WAN_ADDR/)" "^$WAN_ADDR:" "loopback"
	# By way of the sorter, whose namespace is of the step before the sandbox.
	inet pieces -s 3000 udp $INET_ADDR:5000 $WAN_ADDR:7000
	assert_eq "$(ask_name lan1 $LAN_GW app.example.com A)" $SRV_ADDR "a name of ours"
	assert_match "$(ask_name lan1 $LAN_GW other.example.com A)" . "a name of others"
	loaded
	assert_eq "$(ask_name lan1 $LAN_GW ads.example.com A)" 0.0.0.0 "a name of a list"
	wait_for 10 '[ "$(hp_json show queries --name app.example.com -- ".queries | length")" -ge 1 ]'
	assert_ge "$(hosts_question lan1 $LAN_GW)" 100 "octets for a hosts file"
	wait_for 10 '[ "$(dhcpd_pid)" != 0 ]'
	assert_eq "$(manager_sees stat -c %U "/proc/$(dns_pid)" "/proc/$(dhcpd_pid)" | paste -sd ' ')" "hairpin-dns hairpin-dhcp" "whose processes they are"
}

bypass_conf() {
	gw_conf <<-END
		services:
		  - { name: web, host: $SRV_ADDR, ports: ["8443:443/tcp"] }
	END
}

bypass_works() {
	assert_match "$(http_get inet http://$MAIN_ADDR:8443/)" : "from outside"
	# Frames of its own making: the only thing that takes AF_PACKET.
	wait_for 20 'grep -q "the default gateway of $SRV_ADDR is this machine" "$LAB_DIR/hairpind.log" && [ "$(generation)" -ge 2 ]'
	assert_eq "$(sysctl -n net.ipv4.conf.eth0.send_redirects)" 0 "redirects"
}

case $1 in
gateway)
	lab_up bridge
	auth_serve </dev/null
	http_serve srv 80
	pieces_serve srv
	;;
bypass)
	bypass_up
	server_gateway gw
	main_forward 8443/tcp $SIDE_ADDR
	http_serve srv 443
	;;
esac
manager_up
unit_install

say "nobody has configured it"
rm -rf /var/lib/hairpin /run/hairpin /etc/hairpin
manage start hairpind.service
assert_eq "$(unit_property ActiveState) $(unit_property ConditionResult)" "inactive no" "the unit"
[ ! -e /var/lib/hairpin ] || fail "it has made folders"

say "configured"
mkdir /etc/hairpin
"$1_conf"
# By one of the two who make folders; the other is the unit itself.
[ "$1" = bypass ] || manager_tool systemd-tmpfiles --create "$LAB_SRC/../../dist/hairpin.tmpfiles"
unit_start
assert_match "$(unit_property StatusText)" "^(ready: generation 1, 1 services|generation [0-9]+: the network changed)" "what systemctl status says"
assert_eq "$(stat -c '%a %U %G' /run/hairpin)" "2755 root hairpin" "the socket's folder"
assert_eq "$(stat -c '%a %U %G' /run/hairpin/control.sock)" "660 root hairpin" "the socket"
"$1_works"
assert_at_ease
assert_eq "$(status_of NoNewPrivs) $(status_of Seccomp)" "1 2" "no new privileges, and a filter of system calls"
assert_eq "$(status_of CapBnd)" "$(status_of CapPrm)" "what it has and could ever get"
refute manager_sees nsenter --target "$(hp_json status -- .pid)" --mount touch /usr/written /home/written /var/lib/written

say "reloads"
pid=$(hp_json status -- .pid)
cp $CONF "$LAB_DIR/good.yaml"
echo 'nonsense: yes' >>$CONF
refute manage reload hairpind.service
assert_match "$(unit_property StatusText)" "the running configuration stays" "what came of it"
cp "$LAB_DIR/good.yaml" $CONF
manage reload hairpind.service
# As `hairpin apply FILE` does: the daemon writes the file of its configuration.
sed 's/^services:/# applied\n&/' "$LAB_DIR/good.yaml" >"$LAB_DIR/next.yaml"
hp apply "$LAB_DIR/next.yaml"
grep -q '^# applied' $CONF
[ -e $CONF.previous ] || fail "the file before is not kept"
assert_eq "$(hp_json status -- .pid) $(unit_property ActiveState)" "$pid active" "the daemon"

say "stopped and started again"
"$1_works"
places=$(manager_sees grep -c '/var/lib/hairpin/sorter' /proc/1/mountinfo || true)
: >"$LAB_DIR/hairpind.log"
manage stop hairpind.service
assert_ge "$(filters "$WAN_DEV" ingress)" 1 "filters of a unit that is stopped"
assert_eq "$(manager_sees grep -c '/var/lib/hairpin/sorter' /proc/1/mountinfo || true)" "$places" "the sorter's namespace meanwhile"
unit_start
assert_eq "$(hp_json status -- .backend.adopted)" true "adopted"
"$1_works"
assert_at_ease

say "detached"
manager_sees "$HAIRPIN" detach
wait_for 10 '[ "$(unit_property ActiveState)" = inactive ]'
assert_eq "$(unit_property Result)" success "the unit"
assert_eq "$(filters "$WAN_DEV" ingress)" 0 "filters"
refute manager_sees grep /var/lib/hairpin/sorter /proc/1/mountinfo
[ ! -e $PINS ] || fail "pins are left"
