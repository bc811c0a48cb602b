#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# packager.sh SOURCES    a build as a packager's machine makes it, in TAP: by nobody, without a network, on a kernel that tells no BTF, of the sources alone
#
# With all parts off, which is the shortest, and without optimisation: what counts is that it is built, and what is in it.
set -u
sources=$1
cd "$(dirname "$0")" || exit 2
if [ "$(id -u)" -ne 0 ]; then
	echo "1..0 # SKIP only root can become nobody"
	exit 0
fi
if [ "${PACKAGER_ALONE:-}" != yes ]; then
	PACKAGER_ALONE=yes exec unshare --net --mount --propagation private ./packager.sh "$sources"
fi
# shellcheck source=tests/tap.sh
. ../tap.sh
# shellcheck source=tests/install/lib.sh
. ./lib.sh

[ ! -d /sys/kernel/btf ] || mount -t tmpfs -o ro none /sys/kernel/btf || exit 2
[ ! -e /sys/kernel/btf/vmlinux ]
report "this kernel tells no BTF here" $?

# A place that nobody may enter, whoever may enter that of the sources.
chmod 711 "$scratch"
mkdir "$scratch/packager"
(cd "$sources" && tar cf - --exclude=.git --exclude='./build*' --exclude=./debian/hairpin .) | tar xf - -C "$scratch/packager"
chown -R nobody "$scratch/packager"

# nobody COMMAND...: without a home, rights, or a cache of compilations.
nobody() {
	(cd "$scratch/packager" && env -i PATH="$PATH" HOME=/nonexistent CCACHE_DISABLE=1 DESTDIR="${DESTDIR:-}" \
		setpriv --reuid=nobody --regid=nogroup --clear-groups --inh-caps=-all --no-new-privs "$@") >"$scratch/log" 2>&1
	status=$?
	[ $status -eq 0 ] || sed 's/^/# /' "$scratch/log"
	return $status
}

nobody meson setup out --prefix=/usr --buildtype=debug -Ddns=disabled -Dnftables=disabled -Dportmap=disabled -Dtests=disabled
report "it is configured" $?
! grep -E "dependency (cmocka|ldns|gnutls|libnghttp2|libcurl|sqlite3|libnftables|libnetfilter_conntrack|miniupnpc) found: YES" "$scratch/log"
report "of the parts that are left out no library is asked for" $?
nobody ninja -C out
report "it is built" $?
DESTDIR=$scratch/packager/root nobody meson install -C out --no-rebuild --strip
report "it is installed by nobody" $?
files_are "$scratch/packager/root" /usr ""
report "every file below another prefix" $?

for program in usr/bin/hairpin usr/sbin/hairpind; do
	names_no "$scratch/packager/root/$program" "$scratch"
	report "$program does not name the place where it was built" $?
done
ldd "$scratch/packager/root/usr/sbin/hairpind" | grep -E 'gnutls|nghttp2|curl|sqlite|nftables|netfilter_conntrack|upnpc|natpmp' | sed 's/^/# /' >"$scratch/linked"
cat "$scratch/linked"
[ ! -s "$scratch/linked" ]
report "hairpind needs no library of a part that was left out" $?

plan_end
