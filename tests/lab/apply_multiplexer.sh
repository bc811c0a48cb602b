#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# In a tmux or screen the session that gives the command cannot be told: $SSH_CONNECTION is of the session in which it was started, if
# any. Then a configuration that cuts any ssh session is refused without --confirm or --force, also behind sudo, which takes the
# variables away: apply_multiplexer.sh BUILD first|apply|dead
. "$(dirname "$0")/lab.sh"

lab_up bridge
conf() { # PASS [FILE]
	gw_conf "${2:-$CONF}" <<-END
		wan:
		  interface: wan
		  pass: [$1]
	END
}
conf icmp-echo "$LAB_DIR/cuts.yaml"
conf 22/tcp
[ "$1" = first ] || hairpind_start
[ "$1" != dead ] || hairpind_kill
sshd_serve gw 22
spawn session inet ssh -F none -i "$LAB_DIR/ssh-key" -o BatchMode=yes -o StrictHostKeyChecking=no -o LogLevel=ERROR \
	-o UserKnownHostsFile=/dev/null "root@$WAN_ADDR" 'echo in; exec tail -f /dev/null'
wait_for 10 'grep -qx in "$LAB_DIR/session.log"'

assert_refused() { # COMMAND...
	assert_eq "$(exit_status gw env -u SSH_CONNECTION "$@" 2>"$LAB_DIR/refusal.txt")" 1 "apply"
	grep "$INET_ADDR" "$LAB_DIR/refusal.txt" | grep 22/tcp
	inet ask -t $WAN_ADDR:22
}
assert_refused TMUX=/tmp/tmux-0/default,1,0 "$HAIRPIN" apply "$LAB_DIR/cuts.yaml"
assert_refused STY=100.tty "$HAIRPIN" apply "$LAB_DIR/cuts.yaml"
# A session long gone, with the port that another has now.
assert_refused TMUX=x SSH_CONNECTION="$INET_ADDR 1 $WAN_ADDR 22" "$HAIRPIN" apply "$LAB_DIR/cuts.yaml"
# As sudo does it: only the shell above has the variables.
assert_refused TMUX=x bash -c "env -u TMUX '$HAIRPIN' apply '$LAB_DIR/cuts.yaml'; exit \$?"

# Outside of one, the command is not given from a session.
gw env -u SSH_CONNECTION -u TMUX -u STY "$HAIRPIN" apply "$LAB_DIR/cuts.yaml"
refute inet ask -t -w 500 $WAN_ADDR:22
