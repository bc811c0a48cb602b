# SPDX-License-Identifier: GPL-2.0-or-later
"""What the whole machine has only one of: the room and the hash of netfilter's table of connections. Put back whatever happens."""

import contextlib
import pathlib

MAX = pathlib.Path("/proc/sys/net/netfilter/nf_conntrack_max")
BUCKETS = pathlib.Path("/sys/module/nf_conntrack/parameters/hashsize")


def read(path):
    return int(path.read_text())


@contextlib.contextmanager
def conntrack_room(connections, say):
    """Room for so many, and a bucket for each, as whoever tunes it would have it. Yields what is in force."""
    there = [path for path in (MAX, BUCKETS) if path.exists()]
    changed = {}
    try:
        for path in there:
            was, wanted = read(path), connections * 3 // 2 if path == MAX else connections
            if was < wanted:
                path.write_text(str(wanted))
                changed[path] = was
                say(f"{path.name}: {read(path)} instead of {was}, until the end of this")
        yield {path.name: read(path) for path in there}
    finally:
        # Nothing else: somebody beside us may have changed what we did not.
        for path, was in changed.items():
            path.write_text(str(was))
