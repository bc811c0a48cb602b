#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# apply of a wrong file, or of one that this machine cannot have, changes nothing and leaves nothing pending.
. "$(dirname "$0")/lab.sh"

lab_up bridge
hairpin_up < <(standard_services)
echo_serve srv 7000
before=$(generation)
cp $CONF "$LAB_DIR/before.yaml"
sed 's#7000/udp#7000/ucp#' $CONF >"$LAB_DIR/word.yaml"
sed 's#host: .*#host: 192.168.99.9#' $CONF >"$LAB_DIR/nowhere.yaml"

for file in word nowhere; do
	assert_eq "$(exit_status hp apply --confirm 5s "$LAB_DIR/$file.yaml" 2>"$LAB_DIR/$file.txt")" 1 "apply of $file"
	grep "$file.yaml:[0-9]" "$LAB_DIR/$file.txt"
done
grep ucp "$LAB_DIR/word.txt"
grep 192.168.99.9 "$LAB_DIR/nowhere.txt"
assert_eq "$(generation)" "$before" "generation"
assert_eq "$(hp_json status -- .pending)" null "what is pending"
cmp "$LAB_DIR/before.yaml" $CONF
inet ask $WAN_ADDR:7000
