#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# README.md, every block of it, in the sources; those in other languages have the same blocks (tests/tools/pages.sh). What is installed goes into a /usr/local of this test's own, and what then runs is what
# was installed.
#
# `make test` cannot be run by what it runs itself. It is shown instead that it runs every suite, and that this test is in one.
. "$(dirname "$0")/lab.sh"
. "$LAB_SRC/lib/pages.sh"
. "$LAB_SRC/lib/systemd.sh"

cd "$PAGE_ROOT" || exit 1
PAGE_PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
# Packages are the business of whoever started the tests.
PAGE_ENV=BOOTSTRAP=:

# A machine without systemd has the real systemctl as tools/bootstrap unpacks it; to enable a unit it asks no service manager.
if ! command -v systemctl >/dev/null; then
	mkdir "$LAB_DIR/bin"
	printf '#!/bin/sh\nLD_LIBRARY_PATH=%s exec %s "$@"\n' "$(manager_libraries)" "$(find "$MANAGER_ROOT" -path '*/bin/systemctl')" >"$LAB_DIR/bin/systemctl"
	chmod +x "$LAB_DIR/bin/systemctl"
	PAGE_PATH=$PAGE_PATH:$LAB_DIR/bin
fi

# What the machine has there stays, and stays as it is.
mkdir -p /run/local/upper /run/local/work
if ! mount -t overlay -o lowerdir=/usr/local,upperdir=/run/local/upper,workdir=/run/local/work lab-local /usr/local; then
	cp -a /usr/local/. /run/local/upper
	mount --bind /run/local/upper /usr/local
fi

WAN_DEV=eth0
AUTH_ADDR=192.0.2.53
lab_up bridge
ip -n inet addr add $AUTH_ADDR/32 dev lo
auth_serve <<<"home A $WAN_ADDR"
echo "nameserver $AUTH_ADDR" >/etc/resolv.conf
http_serve srv 80 443

page_open README.md
# The demos.
for words in "the router says how it is" "hairpind has noticed"; do
	page_run gw
	assert_match "$(cat "$PAGE_SAID")" "All [0-9]+ came out as told" "the last line"
	refute grep "NOT SO" "$PAGE_SAID"
	assert_match "$(cat "$PAGE_SAID")" "$words" "an act"
done

# The tests.
page_take sh
assert_eq "$(cat "$PAGE_BLOCK")" "make test" "the block"
assert_match "$(make --no-print-directory -n test BOOTSTRAP=:)" "tools/run-tests" "what it runs"
grep -q '^run_lab build ' tools/run-tests
meson test -C "$LAB_BUILD" --no-rebuild --list 2>/dev/null | has -E "(^|[^[:alnum:]_])$LAB_TEST\$"

# Five minutes on a real router.
rmdir /etc/hairpin
page_run gw
assert_eq "$(command -v /usr/local/bin/hairpin) $(command -v /usr/local/sbin/hairpind)" "/usr/local/bin/hairpin /usr/local/sbin/hairpind" "what was installed"
page_file $CONF
page_run gw
assert_eq "$(readlink "/proc/$(hp_json status -- .pid)/exe")" /usr/local/sbin/hairpind "which daemon runs"
assert_eq "$(hp_json show services -- '.services[0].verdict')" serving "the verdict"
assert_match "$(http_get inet http://$WAN_ADDR/)" "^$INET_ADDR:" "whom the server sees from outside"
for client in lan1 srv; do
	assert_match "$(http_get $client http://$WAN_ADDR/)" "^$WAN_ADDR:" "whom it sees from $client"
done
assert_match "$(http_get lan1 http://$WAN_ADDR:8443/)" "^$WAN_ADDR:" "by the port that moves"
assert_eq "$(ask_name lan1 $LAN_GW other.example.com A)" $INET_ADDR "a name of others"

# At boot, and away with it.
page_run gw
assert_eq "$(readlink -f /etc/systemd/system/multi-user.target.wants/hairpind.service)" /usr/local/lib/systemd/system/hairpind.service "what is started at boot"
page_run gw
assert_eq "$(filters eth0 ingress)" 0 "filters after detach"
page_end
