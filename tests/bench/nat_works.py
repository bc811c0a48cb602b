# SPDX-License-Identifier: GPL-2.0-or-later
"""What the contenders do, and how one run of it is measured."""

import dataclasses
import time
import typing

EVERYBODY = ("bare", "routing", "nftables", "backend", "tc", "xdp")
ROUTERS = EVERYBODY[1:]
TRANSLATORS = EVERYBODY[2:]
HAIRPIN = ("tc", "xdp")
HOSTS = 60  # inside, as place.sh has them
RATE_OF_NEW = 200000  # of all of them; a host opens 1,000, and its next ones when all others have had theirs
CROWD_STAYS_S = 240  # quiet UDP ends after 300, and the time is that of the last frame of all


@dataclasses.dataclass
class Size:
    """How much of everything; the test of this bench does very little."""

    rounds: int
    ms: int
    flows: int = 60000
    burst: int = 50000
    crowd: int = 1000000
    forwards: int = 10000
    tcp_s: int = 3


@dataclasses.dataclass(frozen=True)
class Work:
    name: str
    unit: str
    what: str
    contenders: tuple
    measure: typing.Callable  # (place, size) -> {column: value}, and "load" with what was counted
    more_is_better: bool = True
    topology: str = "plain"
    way: str = "ask"
    settings: typing.Callable = lambda size: {}
    prepare: typing.Callable = None  # once for each place
    quick: bool = True


def counted(said):
    """A contender that loses or mangles is told so."""
    wrong = {reason: count for reason, count in said["wrong"].items() if count}
    return {"sent": said["sent"], "right": said["right"], "wrong": wrong}


def rate(said):
    return said["right"] * 1e9 / said["ns"] if said["ns"] else 0.0


def run_load(place, options):
    said = place.json("load " + options)
    return {"value": rate(said), "load": counted(said)}


def steady(flows, answers=0):
    return lambda place, size: run_load(place, f"flows={min(flows, size.flows)} ms={size.ms} answers={answers}")


def latency(place, size):
    full = rate(place.json(f"load flows={min(1000, size.flows)} ms={size.ms}"))
    said = place.json(f"load flows={min(1000, size.flows)} ms={size.ms} rate={max(1, int(full / 2))} batch=16 timed=1")
    return {"p50": said["p50_ns"] / 1000, "p99": said["p99_ns"] / 1000, "rate": rate(said), "load": counted(said)}


def program(place, size):
    said = place.json(f"load flows={min(1000, size.flows)} ms={size.ms} programs=1")
    # Those that packets meet: the daemon runs others beside them.
    taken = {one["name"]: one for one in said["programs"] if one["runs"] > said["sent"] / 2}
    return {"value": sum(one["ns"] for one in taken.values()) / said["sent"], "programs": taken, "load": counted(said)}


def outsiders(size):
    """The flows of a crowd outside: of one client each."""
    return f"flows={size.crowd} per=1"


def insiders(size):
    """Those of hosts inside, to more than one address, since one has no more ports than size.flows. Slowly enough for nat.limits.new-per-host."""
    rounds = -(-size.crowd // size.flows)
    return (f"flows={size.crowd} per={-(-size.flows // HOSTS)} targets={rounds} port=5000 ports={size.flows} "
            f"target=10.0.0.1:7000 server=10.0.0.1:7000 rate={RATE_OF_NEW}")


def crowd_settings(size):
    return {"sessions": size.crowd * 14 // 10}


def crowd_come(place, size, flows):
    """Everybody comes, is answered and asks again; a twentieth at a time, since of strangers who have not yet shown that they get answers hairpin keeps an eighth."""
    place.memory_before = place.json("memory")
    place.crowd = place.json(f"load {flows} ms=1 step={size.crowd // 20}")
    place.memory_after = place.json("memory")
    place.crowd_time_s = time.monotonic()


def outsiders_come(place, size):
    crowd_come(place, size, outsiders(size))


def insiders_come(place, size):
    crowd_come(place, size, insiders(size))


def crowd_memory(place, size):
    before, after, load = place.memory_before, place.memory_after, counted(place.crowd)
    caches = {name: after["caches"][name] - before["caches"].get(name, 0) for name in after["caches"]}
    # There, back, and there again, without which it is no session of two ways.
    load["sent"] += 3 * size.crowd
    load["right"] += place.crowd["warmed"]
    return {"value": before["fixed"] / crowd_settings(size)["sessions"] + (after["growing"] - before["growing"]) / size.crowd,
            "caches": {name: grown / size.crowd for name, grown in caches.items() if abs(grown) >= size.crowd}, "load": load}


def crowd_steady(place, size):
    """Each client once, of which nothing is measured, and then each at least once more."""
    waited_s = time.monotonic() - place.crowd_time_s
    if waited_s > CROWD_STAYS_S:
        place.fail(f"after {waited_s:.0f} s of the others' turns its sessions are no longer there")
    found = run_load(place, f"{outsiders(size)} answered=0 frames={size.crowd} ms={size.ms}")
    place.crowd_time_s = time.monotonic()
    return found


def burst(place, size):
    place.text("contender_anew")
    return run_load(place, f"flows={size.burst} per=1000 port=10000 ports={max(1000, size.burst)} warm=0 frames={size.burst}")


def reload(place, size):
    said = place.json("reload_under_load 50000")
    lost = said["load"]["sent"] - said["load"]["right"]
    return {"ms": said["ms"], "lost": lost, "load": counted(said["load"])}


def tcp(streams, offload):
    def measure(place, size):
        return {"value": place.json(f"tcp {size.tcp_s} {streams} {offload}")["bits_per_second"] / 1e9}

    return measure


WORKS = [
    Work("steady-1", "packets/s", "loopback of UDP, 64 octets, one flow", EVERYBODY, steady(1)),
    Work("steady-1000", "packets/s", "1,000 flows", EVERYBODY, steady(1000)),
    Work("steady-60000", "packets/s", "60,000 flows of 60 clients", EVERYBODY, steady(60000), quick=False),
    Work("both-1000", "packets/s", "1,000 flows, as many packets back", EVERYBODY, steady(1000, answers=1)),
    Work("bridge-1000", "packets/s", "1,000 flows from one port of the LAN's bridge to another", EVERYBODY, steady(1000), topology="bridge"),
    Work("latency", "us", "1,000 flows at half of what the contender carries", EVERYBODY, latency, more_is_better=False, quick=False),
    Work("program", "ns", "what our programs take of a packet, 1,000 flows", HAIRPIN, program, more_is_better=False),
    Work("tcp-gso-1", "Gbit/s", "one TCP stream round, large segments", ROUTERS, tcp(1, "on")),
    Work("tcp-gso-16", "Gbit/s", "16 streams", ROUTERS, tcp(16, "on"), quick=False),
    Work("tcp-plain-1", "Gbit/s", "one stream, cut by its sender", ROUTERS, tcp(1, "off"), quick=False),
    Work("tcp-plain-16", "Gbit/s", "16 streams, cut by their sender", ROUTERS, tcp(16, "off"), quick=False),
    Work("new-50000", "flows/s", "new UDP flows to outside, in bursts of 50,000", TRANSLATORS, burst, way="out"),
    Work("memory-in", "octets", "of a session from outside by a forward, at 1,000,000 that went both ways", TRANSLATORS, crowd_memory, more_is_better=False, way="in",
         settings=crowd_settings, prepare=outsiders_come, quick=False),
    Work("outside-1000000", "packets/s", "1,000,000 clients outside to one forward, known ones", TRANSLATORS, crowd_steady, way="in",
         settings=crowd_settings, prepare=outsiders_come, quick=False),
    Work("memory-out", "octets", "of a session that a host inside opened, at 1,000,000 that went both ways", TRANSLATORS, crowd_memory, more_is_better=False, way="out",
         settings=crowd_settings, prepare=insiders_come, quick=False),
    Work("reload-10000", "ms", "of 10,000 forwards while packets pass; and how many of those are lost", TRANSLATORS, reload, more_is_better=False,
         settings=lambda size: {"forwards": size.forwards}),
]
