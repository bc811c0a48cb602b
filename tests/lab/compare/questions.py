# SPDX-License-Identifier: GPL-2.0-or-later
"""What compare.py asks."""

import dataclasses
import struct

import dns.edns
import dns.flags
import dns.message
import dns.name
import dns.rdataclass
import dns.rdatatype

ZONES = ["plain.example.com", "nsec.example.com", "nsec3.example.com"]
HEADER = 12
UDP_PLAIN, UDP_MAX = 512, 1232
LONG = "b" * 60 + "." + "c" * 60 + "." + "d" * 60

# name types: below each zone; @ is the zone itself.
RECORDS = [
    ("@", "A AAAA MX TXT NS SOA CAA DNSKEY DS NSEC NSEC3PARAM RRSIG HTTPS TYPE65300"),
    ("many", "A AAAA"),
    ("four", "A AAAA HTTPS MX TYPE4711"),
    ("six", "A AAAA"),
    ("mixed.case", "A"),
    ("empty", "A AAAA"),
    ("below", "TXT"),
    ("anything", "A AAAA TXT HTTPS"),
    ("two.labels.of.anything", "A AAAA"),
    ("wild", "A TXT"),
    ("deep.wild", "AAAA A"),
    ("any.deep.wild", "AAAA A"),
    ("*", "A"),
    ("nowhere.below.mail", "A AAAA MX TXT"),
    ("chain1", "A AAAA CNAME TXT"),
    ("chain3", "A"),
    ("dangling", "A CNAME"),
    ("outward", "A AAAA"),
    ("loop1", "A CNAME"),
    ("leaf.tree", "A AAAA DNAME"),
    ("tree", "DNAME A"),
    ("_sip._tcp", "SRV A"),
    ("naptr", "NAPTR"),
    ("https", "HTTPS A SVCB"),
    ("aliased", "HTTPS"),
    ("_8443._foo", "SVCB"),
    ("hinfo", "HINFO"),
    ("loc", "LOC"),
    ("sshfp", "SSHFP"),
    ("_443._tcp", "TLSA"),
    ("uri", "URI"),
    ("pointer", "PTR"),
    ("unknown", "TYPE65280 TYPE4711 TYPE4712"),
    ("rp", "RP"),
    ("afsdb", "AFSDB"),
    ("odd\\.dot", "A"),
    ("odd\\032space", "A"),
    ("odd\\000\\255octets", "TXT A"),
    ("_under_score", "A"),
    ("123", "A"),
    ("a" * 63, "A"),
    (LONG, "A AAAA"),
    ("text", "TXT"),
    ("text400", "TXT"),
    ("big8", "AAAA"),
    ("big15", "AAAA"),
    ("big40", "AAAA A"),
    ("big100", "AAAA"),
    ("big300", "AAAA"),
    ("huge", "TXT"),
]

# Asked in every way below.
MANNERED = [("four", "A"), ("six", "A"), ("nowhere.below.mail", "A"), ("anything", "TXT"), ("chain1", "A"), ("big15", "AAAA"), ("huge", "TXT")]


def option(code, data):
    return dns.edns.GenericOption(code, data)


# Arguments of dns.message.make_query(), and `tcp`, `case`.
MANNERS = {
    "": {},
    "with DO": {"want_dnssec": True},
    "with CD": {"flags": dns.flags.RD | dns.flags.CD},
    "with AD": {"flags": dns.flags.RD | dns.flags.AD},
    "with DO and CD": {"want_dnssec": True, "flags": dns.flags.RD | dns.flags.CD},
    "with AA and RA set": {"flags": dns.flags.RD | dns.flags.AA | dns.flags.RA},
    "with Z set": {"flags": dns.flags.RD | 0x40},
    "with EDNS": {"use_edns": 0},
    "with 512": {"use_edns": 0, "payload": 512},
    "with 100": {"use_edns": 0, "payload": 100},
    "with 0": {"use_edns": 0, "payload": 0},
    "with 4096": {"use_edns": 0, "payload": 4096},
    "with DO and 4096": {"want_dnssec": True, "payload": 4096},
    "with EDNS flags": {"use_edns": 0, "ednsflags": 0x7fff},
    "with EDNS version 1": {"use_edns": 1},
    "with EDNS version 255": {"use_edns": 255},
    "with EDNS version 1 and DO": {"use_edns": 1, "ednsflags": 0x8000},
    "with an unknown option": {"use_edns": 0, "options": [option(65001, b"whatever")]},
    "with an empty option": {"use_edns": 0, "options": [option(65002, b"")]},
    "with a cookie": {"use_edns": 0, "options": [option(10, b"8 octets")]},
    "with a subnet": {"use_edns": 0, "options": [option(8, b"\0\1\x18\0\xc0\0\2")]},
    "with padding": {"use_edns": 0, "options": [option(12, bytes(100))]},
    "with NSID": {"use_edns": 0, "options": [option(3, b"")]},
    "with twenty options": {"use_edns": 0, "options": [option(65010 + i, b"x") for i in range(20)]},
    "without RD": {"flags": 0},
    "without RD over TCP": {"flags": 0, "tcp": True},
    "without RD, with DO": {"flags": 0, "want_dnssec": True},
    "over TCP": {"tcp": True},
    "over TCP with DO": {"tcp": True, "want_dnssec": True},
    "over TCP with 512": {"tcp": True, "use_edns": 0, "payload": 512},
    "in odd case": {"case": True},
    "in odd case over TCP": {"case": True, "tcp": True},
}


@dataclasses.dataclass
class Question:
    name: str
    wire: bytes
    section: bytes  # the question as it has to come back
    room: int = UDP_PLAIN
    tcp: bool = False


_ids = iter(range(1, 65536))


def reset():
    global _ids
    _ids = iter(range(1, 65536))


def odd(text):
    return "".join(c.upper() if i % 2 else c for i, c in enumerate(text))


def section_of(name, rdtype, rdclass):
    return name.to_wire() + struct.pack("!HH", rdtype, rdclass)


def asked(name, rdtype, manner="", rdclass="IN", opcode=0):
    options = dict(MANNERS[manner])
    tcp, case = options.pop("tcp", False), options.pop("case", False)
    written = odd(name) if case else name
    message = dns.message.make_query(written, rdtype, rdclass, **options)
    message.set_opcode(opcode)
    message.id = next(_ids)
    room = min(max(message.payload, UDP_PLAIN), UDP_MAX) if message.edns >= 0 else UDP_PLAIN
    label = " ".join(word for word in (name, rdtype, "" if rdclass == "IN" else rdclass, f"opcode {opcode}" if opcode else "", manner) if word)
    return Question(label, message.to_wire(), section_of(dns.name.from_text(written), dns.rdatatype.from_text(rdtype), dns.rdataclass.from_text(rdclass)),
                    room, tcp)


def probe(wire):
    """Something that is answered, with another id."""
    message = dns.message.make_query("four.plain.example.com", "A")
    message.id = struct.unpack("!H", wire[:2])[0] ^ 0x8000 if len(wire) > 1 else 0x8000
    return message.to_wire()


def may_be_silent(wire):
    """Short of a header, or an answer itself."""
    return len(wire) < HEADER or wire[2] & 0x80


# --- messages that are wrong ------------------------------------------------------------------------------------

NAME = b"\4four\5plain\7example\3com\0"
QUESTION = NAME + b"\0\1\0\1"
OPT = b"\0\0\x29\4\xd0\0\0\0\0\0\0"


def header(flags=0x0100, questions=1, answers=0, authorities=0, additional=0):
    return struct.pack("!6H", next(_ids), flags, questions, answers, authorities, additional)


def wrong_messages():
    """(what is wrong, octets)"""
    yield "no header", header()[:11]
    yield "two octets", header()[:2]
    yield "a response", header(0x8100) + QUESTION
    yield "a header alone", header()
    yield "no question", header(questions=0)
    yield "two questions", header(questions=2) + QUESTION + QUESTION
    yield "65535 questions", header(questions=65535) + QUESTION
    yield "a name cut short", header() + NAME[:7]
    yield "no type", header() + NAME
    yield "half a class", header() + QUESTION[:-1]
    yield "a name that leads to itself", header() + b"\xc0\x0c\0\1\0\1"
    yield "a pointer to the header", header() + b"\xc0\0\0\1\0\1"
    yield "a pointer forward", header() + b"\xc0\x20\0\1\0\1" + NAME
    yield "a label of kind 01", header() + b"\x41" + b"a" * 65 + b"\0\0\1\0\1"
    yield "a label of kind 10", header() + b"\x81" + b"a" * 65 + b"\0\0\1\0\1"
    yield "a name of 256 octets", header() + (b"\x3f" + b"a" * 63) * 4 + b"\0\0\1\0\1"
    yield "octets behind the end", header() + QUESTION + b"behind"
    yield "an additional record that is not there", header(additional=1) + QUESTION
    yield "an answer that is not there", header(answers=1) + QUESTION
    yield "an OPT cut short", header(additional=1) + QUESTION + OPT[:-2]
    yield "two OPT", header(additional=2) + QUESTION + OPT + OPT
    yield "an OPT with a name", header(additional=1) + QUESTION + b"\1x" + OPT
    yield "an OPT among the answers", header(answers=1) + QUESTION + OPT
    yield "an option cut short", header(additional=1) + QUESTION + OPT[:-2] + b"\0\3\0\3\0"
    yield "an option longer than its OPT", header(additional=1) + QUESTION + OPT[:-2] + b"\0\5\0\3\0\5x"
    yield "two OPT of version 1", header(additional=2) + QUESTION + 2 * (OPT[:6] + b"\1" + OPT[7:])


def wrong_questions():
    for what, wire in wrong_messages():
        yield Question(what, wire, QUESTION, UDP_MAX if OPT[:3] in wire else UDP_PLAIN)


# --- all of them ------------------------------------------------------------------------------------------------


def all_questions():
    reset()
    for zone in ZONES:
        for name, types in RECORDS:
            for rdtype in types.split():
                for manner in ("", "with DO"):
                    yield asked(zone if name == "@" else f"{name}.{zone}", rdtype, manner)
    for zone in ZONES:
        for name, rdtype in MANNERED:
            for manner in MANNERS:
                yield asked(f"{name}.{zone}", rdtype, manner)
    four = f"four.{ZONES[0]}"
    for rdtype in ("ANY", "AXFR", "IXFR", "MAILA", "MAILB", "TYPE0", "OPT", "TKEY", "TSIG", "TYPE128", "TYPE65535"):
        yield asked(four, rdtype)
    for rdclass in ("CH", "HS", "ANY", "NONE", "CLASS0", "CLASS4711"):
        yield asked(four, "A", rdclass=rdclass)
    yield asked("version.bind", "TXT", rdclass="CH")
    yield asked("id.server", "TXT", rdclass="CH")
    for opcode in (1, 2, 3, 4, 5, 6, 15):
        yield asked(four, "A", opcode=opcode)
    for rdtype in ("A", "AAAA", "HTTPS", "MX", "TXT", "TYPE4711"):
        yield asked(f"app.{ZONES[0]}", rdtype)
    yield asked(f"inward.{ZONES[0]}", "A")
    yield asked(f"hinted.{ZONES[0]}", "HTTPS")
    # Who does not want recursion hears what a server knows of itself (RFC 1034 section 4.3.1), and not what others have asked it for, as above.
    for name, rdtype in (("four", "A"), ("six", "AAAA"), ("nowhere.below.mail", "A"), ("chain1", "A"), ("big15", "AAAA"), ("app", "A"), ("app", "MX")):
        for manner in ("without RD", "without RD over TCP", "without RD, with DO"):
            yield asked(f"{name}.{ZONES[0]}", rdtype, manner)
    for name in ("unasked.plain.example.com", "unasked.nsec.example.com", "unasked.example.net", "localhost", "."):
        yield asked(name, "A", "without RD")
    for name in ("localhost", "use-application-dns.net", "elsewhere.example.net", "example", "."):
        yield asked(name, "A")
    yield from wrong_questions()
