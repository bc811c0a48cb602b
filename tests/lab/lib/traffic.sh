# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Real programs on both sides of the gateway, and captures.

declare -A LAB_PIDS=() LAB_CAPTURES=()

# spawn NAME NS COMMAND...: in the background, output in NAME.log, process id in ${LAB_PIDS[NAME]}.
spawn() {
	local name=$1 ns=$2
	shift 2
	echo "$ns\$ $* &" >&2
	nsenter --net="/run/netns/$ns" "$@" >>"$LAB_DIR/$name.log" 2>&1 </dev/null &
	LAB_PIDS[$name]=$!
}

running() { # NAME
	kill -0 "${LAB_PIDS[$1]}" 2>/dev/null
}

# stop NAME [SIGNAL]: ends it and waits; prints nothing, returns its exit status.
stop() {
	local pid=${LAB_PIDS[$1]} status=0
	kill -"${2:-TERM}" "$pid" 2>/dev/null || true
	wait "$pid" 2>/dev/null || status=$?
	unset "LAB_PIDS[$1]"
	return $status
}

# finished NAME: waits for its own end, returns its exit status.
finished() {
	local pid=${LAB_PIDS[$1]} status=0
	wait "$pid" || status=$?
	unset "LAB_PIDS[$1]"
	return $status
}

listens() { # NS tcp|udp PORT
	local flag=t
	[ "$2" = tcp ] || flag=u
	nsenter --net="/run/netns/$1" ss -Hln$flag "sport = :$3" | has .
}

# --- servers ----------------------------------------------------------------------------------------------------

# http_serve NS PORT|"PORT ssl"...: nginx, under TLS with HTTP_CERTIFICATE.pem and .key. The body of / is the client's address and port as the server sees them. The
# access log is NS.access.log; http_files adds /big, and /slow at 4 MiB a second.
http_serve() {
	local ns=$1 port dir="$LAB_DIR/nginx-$1"
	shift
	mkdir -p "$dir/root"
	cat >"$dir/nginx.conf" <<-END
		user root;
		worker_processes 1;
		pid $dir/pid;
		error_log $LAB_DIR/nginx-$ns.log info;
		events { worker_connections 8192; }
		http {
			log_format peer '\$remote_addr:\$remote_port \$server_addr:\$server_port \$uri';
			access_log $LAB_DIR/$ns.access.log peer;
			client_body_temp_path $dir/body;
			default_type text/plain;
			server {
				$(printf 'listen %s; ' "$@") $(printf 'listen [::]:%s; ' "$@")
				${HTTP_CERTIFICATE:+ssl_certificate $HTTP_CERTIFICATE.pem; ssl_certificate_key $HTTP_CERTIFICATE.key;}
				root $dir/root;
				location = / { return 200 "\$remote_addr:\$remote_port\n"; }
				location = /slow { limit_rate 4m; }
			}
		}
	END
	spawn "http-$ns" "$ns" nginx -e "$LAB_DIR/nginx-$ns.log" -p "$dir" -c "$dir/nginx.conf" -g 'daemon off;'
	for port in "$@"; do
		wait_for 10 "listens $ns tcp ${port% ssl}"
	done
}

# http_files NS LINES: /big and /slow of that many numbered lines of 8 octets.
http_files() {
	local root="$LAB_DIR/nginx-$1/root"
	seq -f %07.0f 1 "$2" >"$root/big"
	ln "$root/big" "$root/slow"
}

# download NAME NS URL [CURL OPTION...]: in the background, into the file NAME.
download() {
	local name=$1 ns=$2 url=$3
	shift 3
	spawn "$name" "$ns" curl -sS --noproxy '*' --connect-timeout $((5 * LAB_TIME_FACTOR)) \
		--max-time $((90 * LAB_TIME_FACTOR)) -o "$LAB_DIR/$name" "$@" "$url"
}

# grows NAME: waits until the download has got a MiB more than now.
grows() {
	local now
	now=$(stat -c %s "$LAB_DIR/$1" 2>/dev/null || echo 0)
	wait_for 20 "[ \$(stat -c %s '$LAB_DIR/$1') -gt $((now + (1 << 20))) ]"
}

# downloaded NAME NS: it ended well, and is what that server has.
downloaded() {
	finished "$1" || fail "the download $1 ended with status $?: $(cat "$LAB_DIR/$1.log")"
	cmp "$LAB_DIR/$1" "$LAB_DIR/nginx-$2/root/big"
}

# pieces_serve NS...: UDP on port 7000; datagrams are answered in fragments.
pieces_serve() {
	local ns
	for ns; do
		spawn "$ns" "$ns" pieces serve 7000
		wait_for 10 "listens $ns udp 7000"
	done
}

# echo_serve NS PORT...: UDP and TCP; the answer is the client's address and port as the server sees them.
echo_serve() {
	local ns=$1 port
	shift
	spawn "echo-$ns-$1" "$ns" echod "$@"
	for port in "$@"; do
		wait_for 10 "listens $ns tcp $port && listens $ns udp $port"
	done
}

# sshd_serve NS PORT: root may log in with the key LAB_DIR/ssh-key.
sshd_serve() {
	ssh-keygen -q -t ed25519 -N '' -f "$LAB_DIR/ssh-key"
	ssh-keygen -q -t ed25519 -N '' -f "$LAB_DIR/ssh-host"
	cat >"$LAB_DIR/sshd_config" <<-END
		Port $2
		HostKey $LAB_DIR/ssh-host
		PidFile none
		AuthorizedKeysFile $LAB_DIR/ssh-key.pub
		StrictModes no
		PermitRootLogin prohibit-password
		UsePAM no
		SetEnv PATH=$PATH
	END
	spawn "sshd-$1" "$1" "$(command -v sshd)" -D -e -f "$LAB_DIR/sshd_config"
	wait_for 10 "listens $1 tcp $2"
}

# ssh_from NS ADDRESS COMMAND...
ssh_from() {
	local ns=$1 address=$2
	shift 2
	in_ns "$ns" ssh -F none -i "$LAB_DIR/ssh-key" -o BatchMode=yes -o StrictHostKeyChecking=no \
		-o UserKnownHostsFile=/dev/null -o LogLevel=ERROR -o ConnectTimeout=2 \
		-o ServerAliveInterval=1 -o ServerAliveCountMax=2 "root@$address" "$@"
}

# --- clients ----------------------------------------------------------------------------------------------------

# http_get NS URL [CURL OPTION...]: prints the body, here the client as the server saw it.
http_get() {
	local ns=$1 url=$2
	shift 2
	in_ns "$ns" curl -sS --noproxy '*' --connect-timeout $((5 * LAB_TIME_FACTOR)) \
		--max-time $((20 * LAB_TIME_FACTOR)) "$@" "$url"
}

# http_refused NS URL [CURL OPTION...]: no answer and no connection within a second.
http_refused() {
	local ns=$1 url=$2
	shift 2
	refute in_ns "$ns" curl -sS --noproxy '*' --connect-timeout 1 --max-time 3 -o /dev/null "$@" "$url"
}

# upload FROM TO LISTEN ADDRESS PORT: 2 MiB by TCP from the host FROM to ADDRESS:PORT, which the host TO takes on its port LISTEN. All of
# it has to arrive.
upload() {
	local from=$1 to=$2 listen=$3 address=$4 port=$5
	head -c 2097152 /dev/urandom >"$LAB_DIR/sent"
	spawn "sink-$to" "$to" socat -u "TCP4-LISTEN:$listen,reuseaddr" "CREATE:$LAB_DIR/got-$to"
	wait_for 10 "listens $to tcp $listen"
	in_ns "$from" timeout $((40 * LAB_TIME_FACTOR)) socat -u "FILE:$LAB_DIR/sent" "TCP4:$address:$port"
	finished "sink-$to"
	cmp "$LAB_DIR/sent" "$LAB_DIR/got-$to"
}

# path_mtu NS ADDRESS: what that host has learnt of the path; empty if nothing.
path_mtu() {
	ip -n "$1" -j route get "$2" | jq -r '.[0].metrics[0].mtu // empty'
}

# The number after the last colon.
port_of() {
	echo "${1##*:}"
}

# --- captures ---------------------------------------------------------------------------------------------------

# capture_start NAME NS DEVICE [FILTER...]: into NAME.pcap; returns when it listens.
capture_start() {
	local name=$1 ns=$2 dev=$3
	shift 3
	nsenter --net="/run/netns/$ns" tcpdump -U -n -s 256 --immediate-mode -i "$dev" \
		-w "$LAB_DIR/$name.pcap" "$@" 2>"$LAB_DIR/tcpdump-$name.txt" &
	LAB_CAPTURES[$name]=$!
	wait_for 10 "grep -q 'listening on' '$LAB_DIR/tcpdump-$name.txt'"
}

capture_stop() { # NAME
	kill -TERM "${LAB_CAPTURES[$1]}" 2>/dev/null || true
	wait "${LAB_CAPTURES[$1]}" 2>/dev/null || true
	unset "LAB_CAPTURES[$1]"
}

capture_stop_all() {
	local name
	for name in "${!LAB_CAPTURES[@]}"; do
		capture_stop "$name"
	done
}

# Both links of the gateway, for whoever reads a failure.
capture_links() {
	[ "${LAB_PCAP:-yes}" = yes ] || return 0
	capture_start gw-wan gw "$WAN_DEV"
	capture_start gw-lan gw "$LAN_DEV"
}

# captured NAME FILTER: how many packets of a capture match; nothing, which no test wants, if there is no such capture.
captured() {
	[ -e "$LAB_DIR/$1.pcap" ] || fail "there is no capture $1"
	tcpdump -n -r "$LAB_DIR/$1.pcap" "$2" 2>/dev/null | wc -l
}

# --- connections that are held ------------------------------------------------------------------------------------

# conn_serve NS PORT: sends every line back.
conn_serve() {
	spawn "conn-$1-$2" "$1" socat "TCP-LISTEN:$2,fork,reuseaddr" PIPE
	wait_for 10 "listens $1 tcp $2"
}

# conn_open NAME NS ADDRESS:PORT [SOCAT-OPTION]: a TCP connection that lasts until the test ends.
conn_open() {
	mkfifo "$LAB_DIR/$1.in"
	# Held open here, so that the connection does not see an end when nobody speaks.
	exec {LAB_CONN_FD}<>"$LAB_DIR/$1.in"
	spawn "$1" "$2" socat "OPEN:$LAB_DIR/$1.in,rdonly!!CREATE:$LAB_DIR/$1.out" "TCP:$3${4:+,$4}"
}

# conn_lives NAME WORD: a word goes there and comes back.
conn_lives() {
	echo "$2" >"$LAB_DIR/$1.in"
	wait_for 10 "grep -qx '$2' '$LAB_DIR/$1.out'"
}
