# shellcheck shell=dash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# A double of OpenWrt's /etc/rc.common, /lib/functions.sh and procd.sh, no more than the init script of hairpin uses, by their documented meaning: busybox sh rc_double.sh SCRIPT ACTION. What procd would be
# told is written to $PROCD, and what would be running is the folder $RUNNING. Files of /etc/config are in $CONFIG. It proves what the script asks for, not that OpenWrt answers so.
set -u

script=$1
action=$2

# --- /lib/functions.sh: of one package, read by awk -------------------------------------------------------
config_load() {
	config_package=$1
}

# A line "SECTION TYPE KEY VALUE" for each option of the package; an unnamed section is cfgN.
config_lines() {
	[ ! -e "$CONFIG/$config_package" ] || awk -v q="'" '
		$1 == "config" { gsub(q, ""); n++; section = NF > 2 ? $3 : "cfg" n; type = $2; print section, type, "-", "-" }
		$1 == "option" { key = $2; sub(/^[ \t]*option[ \t]+[^ \t]+[ \t]+/, ""); gsub(q, ""); print section, type, key, $0 }
	' "$CONFIG/$config_package"
}

config_get() { # VARIABLE SECTION OPTION [DEFAULT]
	local value
	value=$(config_lines | awk -v s="$2" -v o="$3" '$1 == s && $3 == o { sub(/^[^ ]+ [^ ]+ [^ ]+ /, ""); value = $0 } END { print value }')
	eval "$1=\${value:-${4:-}}"
}

config_get_bool() { # VARIABLE SECTION OPTION DEFAULT
	config_get "$@"
	eval "case \$$1 in 1 | on | true | yes | enabled) $1=1 ;; *) $1=0 ;; esac"
}

config_foreach() { # FUNCTION TYPE
	local section
	for section in $(config_lines | awk -v t="$2" '$2 == t && $3 == "-" { print $1 }'); do
		"$1" "$section"
	done
}

# --- programs ----------------------------------------------------------------------------------------------
uci() { # -q export PACKAGE
	[ "$1 $2" = "-q export" ] && [ -e "$CONFIG/$3" ] || return 1
	echo "package $3"
	cat "$CONFIG/$3"
}

logger() {
	shift 4
	[ "$1" = -- ] && shift
	echo "log: $*" >>"$PROCD"
}

# --- procd.sh: what it would be told ------------------------------------------------------------------------
procd_open_instance() {
	echo "instance" >>"$PROCD"
}
procd_set_param() {
	echo "param $*" >>"$PROCD"
	[ "$1" != command ] || touch "$RUNNING"
}
procd_close_instance() {
	echo "end" >>"$PROCD"
}
procd_add_reload_trigger() {
	echo "trigger $*" >>"$PROCD"
}
procd_running() {
	[ "$1" = hairpin ] && [ -e "$RUNNING" ]
}

# --- rc.common with USE_PROCD --------------------------------------------------------------------------------
start() {
	start_service
}
stop() {
	rm -f "$RUNNING"
	echo "stopped" >>"$PROCD"
	service_stopped
}
restart() {
	stop
	start
}
reload() {
	reload_service
}

# shellcheck disable=SC1090 # the script of the test
. "$script"
# The paths of this machine, in the place of the router's.
DAEMON=$TEST_DAEMON
COMMAND=$TEST_COMMAND
MADE=$TEST_MADE
[ "${USE_PROCD:-}" = 1 ] || exit 2
"$action"
