#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What NAT costs, ours and others', in one topology: nat.py [BUILD] [--quick | --tiny] [--works A,B] [--contenders A,B] [--picture FILE] [--page FILE] [--out FILE]

    --quick                rounds and works of half a minute; says which works it leaves out
    --tiny                 very little of everything, for the test of this bench: its figures say nothing
    --works A,B            these alone
    --contenders A,B       these alone
    --picture FILE         the results as SVG as well
    --page FILE            the results in the place that this page has for them, with date and commit

A place of its own for each contender (place.sh), all there at once; a round asks each of them in turn, and the order turns with the round, so that what
disturbs the machine disturbs them all. Writes BUILD/bench/nat.json and the table. A ratio is printed only where the medians are further apart than the single
measurements; see figures.py. What was changed of the machine is printed, and put back.
"""

import argparse
import datetime
import json
import os
import pathlib
import platform
import signal
import subprocess
import sys

sys.dont_write_bytecode = True
import nat_kernel  # noqa: E402
import nat_picture  # noqa: E402
import nat_place  # noqa: E402
import nat_table  # noqa: E402
import nat_works  # noqa: E402

FULL = nat_works.Size(rounds=5, ms=1000, tcp_s=2)
QUICK = nat_works.Size(rounds=3, ms=100, tcp_s=1)
TINY = nat_works.Size(rounds=2, ms=5, flows=100, burst=500, crowd=2000, forwards=1000, tcp_s=1)


def parse_args():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("build", nargs="?", type=pathlib.Path, default=pathlib.Path("build"))
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--tiny", action="store_true")
    parser.add_argument("--works", type=lambda text: text.split(","))
    parser.add_argument("--contenders", type=lambda text: text.split(","), default=list(nat_works.EVERYBODY))
    parser.add_argument("--picture", type=pathlib.Path)
    parser.add_argument("--page", type=pathlib.Path)
    parser.add_argument("--out", type=pathlib.Path)
    return parser.parse_args()


def chosen(args):
    """The works of this run, and the names of those left out."""
    known = {work.name for work in nat_works.WORKS}
    if args.works and set(args.works) - known:
        sys.exit(f"no such work: {', '.join(set(args.works) - known)}; there are {', '.join(sorted(known))}")
    taken = [work for work in nat_works.WORKS if (work.name in args.works if args.works else work.quick or not args.quick)]
    return taken, [work.name for work in nat_works.WORKS if work not in taken]


class Bench:
    def __init__(self, args, size):
        self.args, self.size = args, size
        self.places = {}  # of the works that follow one another in the same surroundings
        self.surroundings = None
        self.unable = {}  # contender: why
        self.rules = ""
        self.says = {}  # contender: what hairpin says of its fast path

    def close(self):
        for place in self.places.values():
            place.close()
        self.places = {}

    def settle(self, work):
        """A place for each contender of this work that has none yet; all of them come up at once."""
        surroundings = (work.topology, work.way, work.settings(self.size), work.prepare)
        if surroundings != self.surroundings:
            self.close()
            self.surroundings = surroundings
        new = [name for name in work.contenders if name in self.args.contenders and name not in self.unable and name not in self.places]
        for name in new:
            self.places[name] = nat_place.Place(self.args.build, name, work.topology, work.way, **work.settings(self.size))
        for name in new:
            try:
                self.places[name].ready()
            except nat_place.Unable as why:
                self.unable[name] = str(why)
                del self.places[name]
        for name in new:
            if work.prepare and name in self.places:
                work.prepare(self.places[name], self.size)
        for name in set(new) & set(self.places) & set(nat_works.HAIRPIN) - set(self.says):
            self.says[name] = self.places[name].json("says")
        if "nftables" in self.places and not self.rules:
            self.rules = self.places["nftables"].text("rules")

    def run(self, work):
        """{contender: [run...]}"""
        self.settle(work)
        names = [name for name in work.contenders if name in self.places]
        found = {name: [] for name in names}
        for number in range(self.size.rounds):
            for at in range(len(names)):
                name = names[(at + number) % len(names)]
                found[name].append(work.measure(self.places[name], self.size))
        return found


def machine():
    model = [line.split(":")[1].strip() for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("model name")]
    return {"kernel": platform.release(), "cpu": model[0] if model else platform.machine(), "cpus": os.cpu_count()}


def measure_all(bench, works, say):
    """[(work, {contender: [run...]})], with the table as it grows."""
    results = []
    say(nat_table.HEAD)
    for work in works:
        found = bench.run(work)
        results.append((work, found))
        for row in nat_table.rows(work, found):
            say(nat_table.row_text(row))
    return results


def explain(bench, works, left_out, say):
    say("")
    for work in works:
        say(f"{work.name}: {work.what}")
    for contender, what in bench.says.items():
        say(f"{contender}: hairpin says of its fast path: {json.dumps(what)}")
    for contender, why in bench.unable.items():
        say(f"{contender} was left out: {why}")
    if left_out:
        say(f"works left out: {', '.join(left_out)}")
    if bench.rules:
        say(f"\nnftables ran what `hairpin export nftables` prints:\n{bench.rules}")


def commit():
    """Of the tree that this file is in, and whether there is work on top of it."""
    here = pathlib.Path(__file__).resolve().parent

    def git(*words):
        return subprocess.run(["git", "-C", here, *words], capture_output=True, text=True, check=True).stdout.strip()

    return git("rev-parse", "--short", "HEAD") + (" and work on top of it" if git("status", "--porcelain", "--", ":/bpf", ":/src", ":/tests/bench") else "")


def page_head(size):
    of = machine()
    return f"{datetime.date.today()}, commit {commit()}, {of['cpu']}, {of['cpus']} processors, Linux {of['kernel']}; {size.rounds} rounds by turns."


def write(args, bench, kernel, results):
    out = args.out or args.build / "bench" / "nat.json"
    rows = [row for work, found in results for row in nat_table.rows(work, found)]
    out.write_text(json.dumps({
        "time": datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"), "machine": machine(), "size": vars(bench.size),
        "kernel": kernel, "unable": bench.unable, "says": bench.says, "rows": rows, "runs": {work.name: found for work, found in results}, "rules": bench.rules}, indent=1) + "\n")
    if args.page:
        args.page.write_text(nat_table.page_put(args.page.read_text(), page_head(bench.size), rows))
    if args.picture:
        args.picture.write_text(nat_picture.draw(rows, machine()))


def stop(number, _frame):
    sys.exit(f"stopped by signal {number}")


def main():
    args = parse_args()
    args.build = args.build.resolve()
    (args.build / "bench").mkdir(exist_ok=True)
    size = TINY if args.tiny else QUICK if args.quick else FULL
    works, left_out = chosen(args)
    bench = Bench(args, size)
    signal.signal(signal.SIGTERM, stop)
    connections = max([work.settings(size).get("sessions", 0) for work in works], default=0)

    def say(text):
        print(text, flush=True)

    say(f"{size.rounds} rounds on {machine()['cpu']}, Linux {machine()['kernel']}; one processor generates, forwards and counts")
    if connections:
        say(f"nat.limits.sessions: {connections} in the works of many clients; all else of hairpin is as shipped")
    try:
        with nat_kernel.conntrack_room(connections, say) as kernel:
            results = measure_all(bench, works, say)
            bench.close()
    finally:
        bench.close()
    write(args, bench, kernel, results)
    explain(bench, works, left_out, say)


if __name__ == "__main__":
    main()
