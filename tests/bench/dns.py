#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""CPU time per answer of DNS servers that run already.

    dns.py [--quick] --out FILE --address ADDRESS --works FOLDER --log PID NAME=PORT:PID...

Each FOLDER/*.work is a list for dns_load, which takes less time than a server does. The first server is ours. Each round asks every server every list, so that what disturbs the machine disturbs them all;
the order turns with the round. Counted is the time that the kernel says the server's threads ran, system calls and the kernel's own work in them included.
--log is the process that writes what the first was asked to disk. It comes behind, so it is counted over all rounds, apart from the ratios.
A ratio is printed only where the medians are further apart than the single measurements.
"""

import argparse
import itertools
import json
import os
import pathlib
import re
import statistics
import subprocess
import sys

sys.dont_write_bytecode = True
import figures  # noqa: E402

ROUNDS, QUERIES = 7, 200000
QUICK_ROUNDS, QUICK_QUERIES = 3, 10000
# Clients, and queries on their way at one time: below what the smallest of the sockets' buffers holds, so that none is lost. Answers to one client may leave
# together, so clients with one query each are measured as well.
CROWDS = {"": (8, 160), "-apart": (64, 64)}


def parse_args():
    parser = argparse.ArgumentParser()
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--out", type=pathlib.Path, required=True)
    parser.add_argument("--address", required=True)
    parser.add_argument("--works", type=pathlib.Path, required=True)
    parser.add_argument("--log", type=int, required=True)
    parser.add_argument("servers", nargs="+")
    return parser.parse_args()


def cpu_ns(pid):
    """Of all threads; /proc/PID/stat has it in hundredths of a second, which is a percent of a run."""
    return sum(int((task / "schedstat").read_text().split()[0]) for task in pathlib.Path(f"/proc/{pid}/task").iterdir())


def processors():
    """(the servers', the asker's); one processor is shared."""
    usable = sorted(os.sched_getaffinity(0))
    return usable[0], usable[-1]


def ask(address, port, work, queries, crowd):
    clients, window = crowd
    return subprocess.run(["dns_load", "-n", str(queries), "-c", str(clients), "-w", str(window), f"{address}:{port}", str(work)],
                          capture_output=True, text=True, check=True).stdout


def ask_all(address, port, work, queries, crowd):
    """How many were answered, and per second; with NOERROR all, and lost are none that count."""
    said = ask(address, port, work, queries, crowd)
    done, good, lost, us = map(int, re.findall(r"\d+", said))
    if lost * 1000 > queries or good != done:
        sys.exit(f"port {port}, {work.stem}: {said}")
    return done, done / us * 1e6


def measure(server, work, address, queries, crowd):
    before = cpu_ns(server["pid"])
    done, rate = ask_all(address, server["port"], work, queries, crowd)
    return {"us": (cpu_ns(server["pid"]) - before) / done / 1000, "answers": done, "answers_per_second": rate}


def show(servers, found):
    print(f"{'work':<16}{'server':<12}{'us per answer':>14}{'least':>8}{'most':>8}{'answers/s':>12}  ours by theirs")
    for work, by_server in found.items():
        ours = [one["us"] for one in by_server[servers[0]["name"]]]
        for server in servers:
            all_of_it = by_server[server["name"]]
            us = [one["us"] for one in all_of_it]
            rate = statistics.median(one["answers_per_second"] for one in all_of_it)
            text = "" if server is servers[0] else figures.ratio_text(ours, us)
            print(f"{work:<16}{server['name']:<12}{statistics.median(us):>14.2f}{min(us):>8.2f}{max(us):>8.2f}{rate:>12,.0f}  {text}")


def main():
    args = parse_args()
    rounds, queries = (QUICK_ROUNDS, QUICK_QUERIES) if args.quick else (ROUNDS, QUERIES)
    servers = [{"name": name, "port": int(port), "pid": int(pid)} for name, port, pid in (re.split("[=:]", text) for text in args.servers)]
    works = sorted(args.works.glob("*.work"))
    theirs, mine = processors()
    os.sched_setaffinity(0, {mine})
    for server in servers:
        for task in pathlib.Path(f"/proc/{server['pid']}/task").iterdir():
            os.sched_setaffinity(int(task.name), {theirs})
    found = {work.stem + crowd: {server["name"]: [] for server in servers} for work in works for crowd in CROWDS}
    # Caches fill, and pages are touched; gently, since dnsmasq loses what many ask for at once before it is cached.
    for work in works:
        for server in servers:
            ask(args.address, server["port"], work, 4000, (1, 8))
    log_before = cpu_ns(args.log)
    for number in range(rounds):
        for work, crowd, at in itertools.product(works, CROWDS, range(len(servers))):
            server = servers[(at + number) % len(servers)]
            found[work.stem + crowd][server["name"]].append(measure(server, work, args.address, queries, CROWDS[crowd]))
    logged = sum(one["answers"] for by_server in found.values() for one in by_server[servers[0]["name"]])
    log_us = (cpu_ns(args.log) - log_before) / logged / 1000
    show(servers, found)
    print(f"\nus of the log's own process for each answer of {servers[0]['name']}: {log_us:.2f}")
    args.out.write_text(json.dumps({"rounds": rounds, "queries": queries, "log_us": log_us, "found": found}, indent=1) + "\n")


if __name__ == "__main__":
    main()
