#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Where the nanoseconds of a packet go, by perf: nat_where.py [BUILD] [--contenders A,B] [--ms N]

One work, steady-1000. perf looks at the generating processor some thousand times a second; what it finds in the generator and in the softirq that carries
the packets is sorted by the name of the function. Needs Debian's linux-perf, or perf as the kernel has it. The shares are of one run each, and no contender's
by turns with another's: for ratios there is nat.py.
"""

import argparse
import pathlib
import re
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
import nat_place  # noqa: E402
import nat_works  # noqa: E402

# The first that fits; what fits none is the rest.
PARTS = [
    ("generator and sink", r"bpf_prog_\w+_load_(ask|answer|sink\w*)$|xdp_test_run|page_pool|bpf_test"),
    ("BPF programs", r"bpf_prog_|^bpf_|tc_run|cls_bpf|sch_handle"),
    ("BPF tables", r"htab|lookup_nulls|_map_lookup|__xdp_map|dev_map"),
    ("netfilter", r"^_*(nf|nft|ipt|xt)_|conntrack|siphash|xfrm|^jhash"),
    ("locks and RCU", r"spin_|rcu_|softirq|local_bh"),
    ("IP and neighbours", r"^_*(ip|ipv4|fib|inet|rt|dst|neigh|arp|__mkroute)_|route"),
    ("links: veth, GRO, redirect", r"veth|gro|xdp|^bq_|napi|netif|dev_|eth_|net_rx|backlog|xmit"),
    ("packet buffers", r"skb|kmem|kmalloc|kfree|slab|alloc|free|memset|memcpy|get_random|___cache"),
]


def parse_args():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("build", nargs="?", type=pathlib.Path, default=pathlib.Path("build"))
    parser.add_argument("--contenders", type=lambda text: text.split(","), default=list(nat_works.EVERYBODY))
    parser.add_argument("--ms", type=int, default=3000)
    return parser.parse_args()


def part_of(symbol):
    return next((part for part, pattern in PARTS if re.search(pattern, symbol)), "the rest")


def samples(data):
    """{symbol: samples} of the generator and of its processor's softirq thread."""
    said = subprocess.run(["perf", "report", "-i", data, "--stdio", "-q", "--comms", "load,ksoftirqd/1", "--sort", "symbol", "--show-nr-samples", "-F", "sample,symbol"],
                          capture_output=True, text=True, check=True).stdout
    found = {}
    for line in said.splitlines():
        match = re.match(r"\s*(\d+)\s+\[[.k]\]\s+(\S+)", line)
        if match:
            found[match[2]] = found.get(match[2], 0) + int(match[1])
    return found


def look(place, ms):
    """(ns of a packet, {symbol: samples})"""
    with tempfile.NamedTemporaryFile() as data:
        # The first flows are made before the packets that count; a look of a tenth less long ends within these.
        perf = subprocess.Popen(["perf", "record", "-q", "-C", "1", "-e", "cpu-clock", "-F", "4000", "-o", data.name, "sleep", str(ms * 0.0009)])
        said = place.json(f"load flows=1000 ms={ms}")
        perf.wait()
        return said["ns"] / said["right"], samples(data.name)


def show(contender, ns, found):
    whole = sum(found.values())
    parts = {}
    for symbol, count in found.items():
        parts.setdefault(part_of(symbol), {})[symbol] = count
    print(f"\n{contender}: {ns:.0f} ns a packet, {whole} looks")
    for part, symbols in sorted(parts.items(), key=lambda item: -sum(item[1].values())):
        most = ", ".join(sorted(symbols, key=lambda symbol: -symbols[symbol])[:4])
        print(f"  {part:<28}{ns * sum(symbols.values()) / whole:>6.0f} ns  {most}")


def main():
    args = parse_args()
    for contender in args.contenders:
        place = nat_place.Place(args.build.resolve(), contender, "plain", "ask")
        try:
            place.ready()
        except nat_place.Unable as why:
            print(f"\n{contender} was left out: {why}")
            continue
        show(contender, *look(place, args.ms))
        place.close()


if __name__ == "__main__":
    main()
