# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# A laptop: lan1, with a hosts file and a folder of state of its own.

LAPTOP=/run/laptop
LAPTOP_HOSTS=$LAPTOP/hosts
HOSTS_PORT=5391

laptop_up() {
	mkdir -p $LAPTOP/state
	printf '127.0.0.1 localhost\r\n::1 localhost' >$LAPTOP_HOSTS
	cp $LAPTOP_HOSTS $LAPTOP/hosts.before
}

# laptop_hosts VERB [OPTION...]: `hairpin hosts` on it.
laptop_hosts() {
	local verb=$1
	shift
	lan1 "$HAIRPIN" -d $LAPTOP/state hosts "$verb" --hosts $LAPTOP_HOSTS "$@"
}

# laptop_watch: with the capabilities that its unit has, and no others.
laptop_watch() {
	local caps
	caps=$(sed -n 's/^CapabilityBoundingSet=//p' "$LAB_SRC/../../dist/hairpin-hosts.service.in" | tr 'A-Z ' 'a-z,' | sed 's/cap_/+/g')
	spawn watch lan1 setpriv --bounding-set="-all,$caps" "$HAIRPIN" -d $LAPTOP/state hosts watch --hosts $LAPTOP_HOSTS
}

# watch_asks: at once.
watch_asks() {
	kill -HUP "${LAB_PIDS[watch]}"
}

# has_block: whether the file has our lines; is_clean: whether it is as it was.
has_block() {
	grep -q "^$SRV_ADDR app.example.com" $LAPTOP_HOSTS
}

is_clean() {
	cmp -s $LAPTOP_HOSTS $LAPTOP/hosts.before
}

# One service, and the hosts service.
hosts_conf() {
	cat <<-END
		services:
		  - name: app
		    domain: app.example.com
		    host: $SRV_ADDR
		    ports: [80/tcp]
		hosts-service: yes
	END
}

# gateway_key: the fingerprint of the gateway's key.
gateway_key() {
	hp_json status -- .hosts_service.key
}

# hosts_ask NS ADDRESS: always the same question, and what is answered.
hosts_ask() {
	(
		printf 'HPHQ\001\0\0\0'
		printf '%032d' 7
	) | in_ns "$1" socat -t 5 - "TCP:$2:$HOSTS_PORT,connect-timeout=3" 2>/dev/null
}

# hosts_question NS ADDRESS: how many octets come back.
hosts_question() {
	{ hosts_ask "$@" || true; } | wc -c
}
