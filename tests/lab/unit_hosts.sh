#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Under systemd, in the sandbox of its unit, a laptop asks its gateway for names, writes its hosts file, and leaves it as it was at the end.
. "$(dirname "$0")/lab.sh"
. "$LAB_SRC/lib/systemd.sh"
UNIT=hairpin-hosts.service

lab_up bridge
hairpin_up < <(hosts_conf)
cp /etc/hosts "$LAB_DIR/hosts"
manager_up lan1
unit_install
manage start $UNIT
assert_eq "$(unit_property ActiveState) $(unit_property ConditionResult)" "inactive no" "the unit without a gateway that it knows"

lan1 "$HAIRPIN" hosts apply --from $LAN_GW
unit_start
wait_for 30 'grep -q "^in its LAN" "$LAB_DIR/hairpin-hosts.log"'
sed -i 's/app.example.com/new.example.com/' "$CONF"
reload
manage reload $UNIT
wait_for 60 'grep -q "^$SRV_ADDR new.example.com" /etc/hosts'
assert_eq "$(stat -c '%a %U' /etc/hosts)" "$(stat -c '%a %U' "$LAB_DIR/hosts")" "the file's mode and owner"
pid=$(unit_property MainPID)
refute manager_sees nsenter --target "$pid" --mount touch /usr/written /var/lib/hairpin/written
manage stop $UNIT
cmp /etc/hosts "$LAB_DIR/hosts"
refute grep -iE 'not permitted|denied|read-only' "$LAB_DIR/hairpin-hosts.log"
