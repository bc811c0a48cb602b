#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Somebody else has port 53: hairpind does not start, names the program and says what frees the port, and so does `check`; a reload that asks for it changes nothing.
. "$(dirname "$0")/lab.sh"

lab_up bridge
spawn holder gw dnsmasq --keep-in-foreground --conf-file=/dev/null --no-resolv --no-hosts --pid-file --user=root \
	--bind-interfaces --listen-address=$LAN_GW
wait_for 10 'listens gw udp 53'
names_conf | gw_conf
hairpind_run
wait_for 30 '! running hairpind'
finished hairpind && fail "hairpind started"
grep "^error: dns: $LAN_GW port 53/udp: Address already in use: dnsmasq (process ${LAB_PIDS[holder]}) holds it; .*port=0" "$LAB_DIR/hairpind.log"
assert_eq "$(ls $PINS 2>/dev/null)" "" "what a refused start left in the kernel"

assert_eq "$(exit_status hp check 2>"$LAB_DIR/check.txt")" 1 "check"
grep "finding *$LAN_GW port 53/udp: dnsmasq (process ${LAB_PIDS[holder]}) holds it" "$LAB_DIR/check.txt"
grep "finding *$LAN_GW port 53/tcp: dnsmasq" "$LAB_DIR/check.txt"
grep "fix .*systemctl restart dnsmasq" "$LAB_DIR/check.txt"

standard_services | gw_conf
hairpind_start
names_conf | gw_conf
refute hp reload
assert_eq "$(hp_json status -- .dns.on)" false "dns, which was refused"
assert_eq "$(hp_json status -- '.services | length')" 2 "services of before"
stop holder || true
reload
assert_eq "$(ask_name lan1 $LAN_GW app.example.com A)" $SRV_ADDR "once the port is free"
# What we hold ourselves is no finding.
hp check >"$LAB_DIR/check.txt" || true
refute grep -q "port 53" "$LAB_DIR/check.txt"
hairpind_stop

# Each by the name that the kernel has for it, which is cut; and one that nobody here can see.
while read -r program fix; do
	cp "$HELPERS/echod" "$LAB_DIR/$program"
	spawn held gw "$LAB_DIR/$program" 53
	wait_for 10 'listens gw udp 53'
	hp check >"$LAB_DIR/check.txt" || true
	grep "port 53/udp: ${program:0:15} (process ${LAB_PIDS[held]}) holds it" "$LAB_DIR/check.txt"
	grep "fix .*$fix" "$LAB_DIR/check.txt"
	if [ "$program" = other ]; then
		gw unshare --pid --fork --mount-proc "$HAIRPIN" check >"$LAB_DIR/check.txt" || true
		grep "port 53/udp: an unknown program holds it" "$LAB_DIR/check.txt"
	fi
	stop held || true
done <<'END'
systemd-resolved DNSStubListener=no
AdGuardHome AdGuardHome.yaml
pihole-FTL pihole-FTL --config dns.port 5353
unbound systemctl restart unbound
named listen-on
docker-proxy docker ps --filter publish=53
other stop it
END
