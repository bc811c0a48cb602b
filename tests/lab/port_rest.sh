#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A port that was given back rests for two minutes, also when the daemon ends and starts again meanwhile: port_rest.sh BUILD killed|stopped
#
# Nobody else gets it before; the very endpoint that had it does, and after the two minutes anybody.
# Requirements: 66.
. "$(dirname "$0")/lab.sh"

lab_up bridge
hairpin_up <<END
nat:
  limits: { sessions: 256 }
END
echo_serve inet 7001

# port_of_host NS PORT: the external port that it gets.
port_of_host() {
	port_of "$(in_ns "$1" ask -p "$2" $INET_ADDR:7001)"
}

for port in 5000 5001 5002; do
	assert_eq "$(port_of_host lan1 $port)" $port "the port of the first host"
done
age 301
wait_for 45 '[ "$(left sessions)" = 0 ]'
assert_eq "$(left mappings)" 0 "mappings"
assert_eq "$(left bindings)" 3 "ports that rest"
assert_ne "$(port_of_host srv 5000)" 5000 "the port of another host before the restart"

case $1 in
killed) hairpind_kill ;;
stopped) hairpind_stop ;;
esac
hairpind_start
assert_eq "$(hp_json status -- .backend.adopted)" true "adopted"
assert_ne "$(port_of_host srv 5001)" 5001 "the port of another host after the restart"
assert_eq "$(port_of_host lan1 5001)" 5001 "its own port, for the host that had it"

# Not a minute and a half, but two: what this test itself takes is less than the difference.
rest 90
assert_ne "$(port_of_host guest 5002)" 5002 "the port of another host after a minute and a half"
rest 31
assert_eq "$(port_of_host guest 5000)" 5000 "the port of another host after two minutes"
tables_agree
