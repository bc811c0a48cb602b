# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The stage of the demo: what it needs, captures, and the words on the screen. Sourced by demo.sh; the network is each act's own.
#
# Everything lives in namespaces of its own (network, mounts, processes) and ends with them.

PUBLIC=198.51.100.1
OUTSIDE=198.51.100.10
LAPTOP=192.168.11.2
SERVER=192.168.11.20
NAME=home.example.com
NAMES=("$NAME")
STAGE=/run/hairpin-demo

# --- words ---------------------------------------------------------------------------------------

if [ -t 1 ] && [ -z "${NO_COLOR:-}" ]; then
	BOLD=$'\e[1m' DIM=$'\e[2m' GREEN=$'\e[32m' RED=$'\e[31m' PLAIN=$'\e[0m'
else
	BOLD='' DIM='' GREEN='' RED='' PLAIN=''
fi
told=0 untold=0
REQUEST=hairpin # what requests are called in the server's log

act() {
	printf '\n%s%s%s\n' "$BOLD" "$*" "$PLAIN"
}

say() {
	printf '  %s\n' "$*"
}

# Every claim of the demo passes through here; what did not come out as told decides the exit status. Returns the
# first argument.
tell() { # whether it is so (a command's status), text
	if [ "$1" = 0 ]; then
		told=$((told + 1))
		printf '  %sas told%s   %s\n' "$GREEN" "$PLAIN" "$2"
	else
		untold=$((untold + 1))
		printf '  %sNOT SO%s    %s\n' "$RED" "$PLAIN" "$2"
	fi
	return "$1"
}

# Cannot be played here: not a failure of what is shown, so a status of its own.
stop() {
	printf 'hairpin demo: %s\n' "$*" >&2
	exit 3
}

# --- what it needs ---------------------------------------------------------------------------------

need_programs() {
	local program missing=()
	for program in ip tc ss nft nginx curl socat tcpdump unshare nsenter mount; do
		command -v "$program" >/dev/null || missing+=("$program")
	done
	[ ${#missing[@]} = 0 ] ||
		stop "these programs are not installed: ${missing[*]}. Debian has them in iproute2, nftables, nginx, curl, socat, tcpdump and util-linux."
}

need_feature() { # what, command...
	local what=$1 said
	shift
	said=$("$@" 2>&1) || stop "it cannot be played on this kernel: $what is missing${said:+ ($said)}"
}

need_features() {
	need_feature "the virtual Ethernet device (CONFIG_VETH)" ip link add try0 type veth peer name try1
	need_feature "the bridge (CONFIG_BRIDGE)" ip link add trybr type bridge
	need_feature "packet capture (CONFIG_PACKET)" sh -c "ip link set try0 up && tcpdump -i try0 -d"
	need_feature "the tc hook (CONFIG_NET_SCH_INGRESS)" tc qdisc add dev try0 clsact
	need_feature "BPF in tc (CONFIG_NET_CLS_BPF)" tc filter add dev try0 ingress bpf bytecode '1,6 0 0 0'
	need_feature "NAT in nf_tables (CONFIG_NFT_NAT, CONFIG_NFT_MASQ)" nft -f - <<-'RULES'
		table ip try {
			chain to { type nat hook prerouting priority dstnat; ip daddr 192.0.2.1 dnat to 192.0.2.2; }
			chain from { type nat hook postrouting priority srcnat; oifname "try0" masquerade; }
		}
		delete table ip try
	RULES
	ip link del trybr
	ip link del try0
}

# --- the network -----------------------------------------------------------------------------------

in_() { # namespace, command...
	nsenter --net="/run/netns/$1" "${@:2}"
}

# The same in the background: no shell in between, so that $! is the program.
start_in() {
	nsenter --net="/run/netns/$1" "${@:2}" &
}

# The public DNS of this little world: the names have the public address, for everybody.
publish_names() {
	printf '127.0.0.1 localhost\n%s %s\n' $PUBLIC "${NAMES[*]}" >$STAGE/hosts
	mount --bind $STAGE/hosts /etc/hosts
}

wait_for() { # seconds, command...
	local deadline=$((SECONDS + $1))
	shift
	until "$@" >/dev/null 2>&1; do
		[ $SECONDS -le $deadline ] || return 1
		sleep 0.05
	done
}

is_listening() { # namespace, -t or -u, port
	[ -n "$(in_ "$1" ss -Hln "$2" "sport = :$3")" ]
}

# The web server is a real one; its log says whom it saw.
start_web_server() {
	mkdir $STAGE/nginx
	cat >$STAGE/nginx.conf <<-CONF
		daemon off;
		user root;
		worker_processes 1;
		pid $STAGE/nginx/pid;
		error_log $STAGE/nginx/error.log;
		events { worker_connections 64; }
		http {
			client_body_temp_path $STAGE/nginx/body;
			proxy_temp_path $STAGE/nginx/proxy;
			fastcgi_temp_path $STAGE/nginx/fastcgi;
			uwsgi_temp_path $STAGE/nginx/uwsgi;
			scgi_temp_path $STAGE/nginx/scgi;
			log_format seen '\$arg_from \$remote_addr';
			access_log $STAGE/web.log seen;
			server {
				listen 80;
				default_type text/plain;
				return 200 "the server at home\n";
			}
		}
	CONF
	: >$STAGE/web.log
	start_in server nginx -e $STAGE/nginx/error.log -c $STAGE/nginx.conf
	wait_for 10 is_listening server -t 80 || stop "nginx does not start: $(cat $STAGE/nginx/error.log)"
}

# --- asking ------------------------------------------------------------------------------------------

# What a person at that machine would type. Prints the page; the status is curl's.
ask_web() { # machine, seconds, a word for the server's log
	in_ "$1" curl --silent --show-error --max-time "$2" "http://$NAME/?from=$3"
}

# The address that the server's log has for that request; nginx writes it after the answer has gone.
logged_source() { # the word
	wait_for 2 grep -q "^$1 " $STAGE/web.log
	awk -v m="$1" '$1 == m { print $2 }' $STAGE/web.log
}

# --- captures ----------------------------------------------------------------------------------------

declare -A CAPTURES=()

# Not promiscuous: at the router this shows what it routes, and not what its bridge carries from port to port.
start_capture() { # machine, device
	: >"$STAGE/$1.capture"
	start_in "$1" tcpdump -n -tt -l -p --immediate-mode -Z root -i "$2" 'tcp port 80' \
		>"$STAGE/$1.capture" 2>"$STAGE/$1.tcpdump"
	CAPTURES[$1]=$!
	wait_for 10 capture_has_decided "$1"
}

# It listens, or it has ended; what it then has not captured is told later.
capture_has_decided() { # machine
	grep -q "listening on" "$STAGE/$1.tcpdump" || ! kill -0 "${CAPTURES[$1]}"
}

stop_captures() {
	local machine
	for machine in "${!CAPTURES[@]}"; do
		kill "${CAPTURES[$machine]}" 2>/dev/null
		wait "${CAPTURES[$machine]}" 2>/dev/null
	done
	CAPTURES=()
}

# Whether a capture has a packet; waits for it a moment, as tcpdump is a process of its own, but not for one that has ended.
has_packet() { # machine, extended regular expression
	wait_for 3 capture_has_packet "$@"
	grep -Eq "$2" "$STAGE/$1.capture"
}

capture_has_packet() {
	grep -Eq "$2" "$STAGE/$1.capture" || ! kill -0 "${CAPTURES[$1]}"
}

# The port that the laptop's request to the public address went out from, as a regular expression with its address.
laptop_endpoint() {
	has_packet laptop "> ${PUBLIC//./\\.}\.80: Flags \[S\]"
	sed -nE "s/.* IP (${LAPTOP//./\\.})\.([0-9]+) > ${PUBLIC//./\\.}\.80: Flags \[S\].*/\1.\2/p" \
		$STAGE/laptop.capture | head -n 1 | sed 's/\./\\./g'
}

# All captures as one story, in the order of time (all machines here have one clock); a packet that was seen at
# several places is several lines, and a repetition of the same at the same place is left out.
print_journey() {
	local machine
	for machine in "${WITNESSES[@]}"; do
		sed -n "s/^\([0-9.]*\) IP \(.*\)/\1 $machine \2/p" "$STAGE/$machine.capture"
	done | sort -n -s -k 1,1 | awk -v dim="$DIM" -v plain="$PLAIN" '{
		flags = $7; sub(/^\[/, "", flags); sub(/\],?$/, "", flags)
		name["S"] = "SYN"; name["S."] = "SYN-ACK"; name["R"] = "RST"; name["R."] = "RST"
		to = $5; sub(/:$/, "", to)
		key = $2 " " $3 " " to " " flags
		if (!(flags in name) || key in seen) next
		seen[key] = 1
		printf "    %sat the %-7s%s %-8s %s → %s\n", dim, $2, plain, name[flags], $3, to
	}'
}
