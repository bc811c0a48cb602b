# SPDX-License-Identifier: GPL-2.0-or-later
"""What the contenders do, and how one run of it is measured."""

import dataclasses
import typing

EVERYBODY = ("bare", "routing", "nftables", "backend", "tc", "xdp")
ROUTERS = EVERYBODY[1:]
TRANSLATORS = EVERYBODY[2:]
HAIRPIN = ("tc", "xdp")


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


def crowd_load(size, options):
    return f"load flows={size.crowd} per=1 {options}"


def crowd_settings(size):
    return {"sessions": size.crowd * 14 // 10}


def crowd_prepare(place, size):
    """Everybody comes once and is answered."""
    place.memory_before = place.json("memory")
    place.crowd = place.json(crowd_load(size, "ms=1"))
    place.memory_after = place.json("memory")


def crowd_memory(place, size):
    room, grown = crowd_settings(size)["sessions"], place.memory_after["growing"] - place.memory_before["growing"]
    return {"value": place.memory_before["fixed"] / room + grown / size.crowd, "load": counted(place.crowd)}


def crowd_steady(place, size):
    """Goes on with those who waited longest, so that no run meets again whom the last one has warmed."""
    first = getattr(place, "crowd_next", 0)
    found = run_load(place, crowd_load(size, f"ms={size.ms} warm=0 first={first}").removeprefix("load "))
    place.crowd_next = (first + found["load"]["sent"]) % size.crowd
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
    Work("memory", "octets", "of a session, at 1,000,000 that went both ways", TRANSLATORS, crowd_memory, more_is_better=False, way="in",
         settings=crowd_settings, prepare=crowd_prepare, quick=False),
    Work("outside-1000000", "packets/s", "1,000,000 clients outside to one forward", TRANSLATORS, crowd_steady, way="in",
         settings=crowd_settings, prepare=crowd_prepare, quick=False),
    Work("reload-10000", "ms", "of 10,000 forwards while packets pass; and how many of those are lost", TRANSLATORS, reload, more_is_better=False,
         settings=lambda size: {"forwards": size.forwards}),
]
