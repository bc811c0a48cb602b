#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Asks two DNS servers the same and says where their answers differ.

    compare.py OURS THEIRS      each ADDRESS:PORT; the questions stand in questions.py, what may differ in ALLOWED

Everything is asked twice: the second time what they keep of the first is compared. Order and TTLs do not count, nor what may be left out
(RFC 6891 options of an answer, NS and additional records). A difference that ALLOWED has no row for is a fault, and so is a row that allowed nothing.
"""

import collections
import re
import socket
import struct
import sys

import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype

import questions

WAIT_S = 10
HEADER = 12
# What proves that there is nothing, or that a wildcard was right.
PROOFS = {"SOA", "NSEC", "NSEC3"}

ANY = ".*"
# (question, field, ours, theirs: regular expressions for all of it; reason)
ALLOWED = [
    # What we are there for.
    ("app.plain.example.com .*", "answer", "app.plain.example.com. A c0a80b14|nothing", ANY, "a name of ours: its LAN address, and of other types nothing"),
    ("app.plain.example.com .*", "proof", "app.plain.example.com. SOA .*|nothing", ANY, "... with an SOA of ours"),
    ("inward.plain.example.com A", "answer", "nothing", ".* A c0a80163", "rebinding: no address inside from outside"),
    ("inward.plain.example.com A", "proof", "inward.plain.example.com. SOA .*", "nothing", "... with an SOA of ours"),
    ("hinted.plain.example.com HTTPS", "answer", "nothing", ".* HTTPS .*", "... nor by a hint"),
    ("hinted.plain.example.com HTTPS", "proof", "hinted.plain.example.com. SOA .*", "nothing", "... with an SOA of ours"),
    ("use-application-dns.net A", "rcode", "NXDOMAIN", "SERVFAIL", "the canary name of Firefox"),
    ("use-application-dns.net A", "proof", "use-application-dns.net. SOA .*", "nothing", "... with an SOA of ours"),
    ("localhost A( without RD)?", "flags", "QR( RD)? RA", "QR AA( RD)? RA", "we own no zone, and say of none that we do"),
    ("app.plain.example.com .* without RD.*", "rcode", "NOERROR", "REFUSED", "names of ours are said without recursion too; what upstream says is nobody's then, by either"),
    (".* ANY", "rcode", "NOERROR", "NOTIMP", "RFC 8482 section 4.2, where unbound has an answer of its own"),
    (".* ANY", "answer", ".* HINFO 075246433834383200", "nothing", "... with the record that it names"),
    (".* [AI]XFR", "rcode", "NOTIMP", "REFUSED", "there are no transfers here, for nobody"),
    # A forwarder hands on what upstream says (RFC 5625 section 4), and unbound works it out anew.
    ("loop1.* A( with DO)?", "rcode", "NOERROR", "SERVFAIL", "aliases that go round are told as they are"),
    ("loop1.* A( with DO)?", "answer", "loop1.* CNAME .* loop2.* CNAME .*", "nothing", "..."),
    ("four.plain.example.com (MAIL[AB]|OPT|TKEY|TSIG|TYPE128)", "rcode", "NOERROR", "FORMERR", "types that unbound refuses are asked upstream (RFC 3597)"),
    ("four.plain.example.com (MAIL[AB]|OPT|TKEY|TSIG|TYPE128)", "proof", "plain.example.com. SOA .*", "nothing", "..."),
    ("(elsewhere.example.net|example|\\.) A", "rcode", "REFUSED", "SERVFAIL", "a refusal by all upstreams is told as one"),
    # nsd refuses other classes in a message without a question. Whether it answers ours cannot be seen (RFC 5452 section 9.1), and unbound does not look.
    (".* A (HS|NONE|CLASS0|CLASS4711)", "rcode", "SERVFAIL", "REFUSED", "a refusal that shows no question is no answer"),
    # Messages that are wrong.
    (".* opcode [1245].*", "question", "none", ANY, "a message of another kind has another form, and is not read for a question"),
    (".* opcode 4", "rcode", "NOTIMP", "REFUSED", "no opcode but QUERY is known here"),
    (ANY, "flags", "QR RD RA", "QR RD", "RA says what a server can do, in errors too"),
    (ANY, "readable", "yes", "no: .*", "unbound sends back what was wrong; ours is always a whole message"),
    ("two questions|a pointer to the header", "question", "none", ANY, "a question that is not read is not repeated"),
    ("octets behind the end|an option .*", "rcode", "FORMERR", "NOERROR", "what is wrong is said, and not guessed at"),
    ("octets behind the end|an option .*", "answer", "nothing", ".*", "..."),
    ("an additional record .*|an OPT .*", "edns", "none", "version 0, flags 0", "no EDNS without an OPT that could be read"),
]


def read_exactly(stream, n):
    data = b""
    while len(data) < n:
        more = stream.recv(n - len(data))
        if not more:
            return b""
        data += more
    return data


def ask_tcp(server, wire):
    """The answer; b"": the server ends the connection without one."""
    with socket.create_connection(server, WAIT_S) as stream:
        stream.sendall(struct.pack("!H", len(wire)) + wire)
        head = read_exactly(stream, 2)
        return read_exactly(stream, struct.unpack("!H", head)[0]) if head else b""


def ask_udp(server, wire):
    """The answer; b"": the server has answered what was asked behind it, and not this."""
    probe = questions.probe(wire)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
        udp.settimeout(WAIT_S)
        udp.connect(server)
        udp.send(wire)
        if questions.may_be_silent(wire):
            udp.send(probe)
        while True:
            got = udp.recv(65535)
            if got[:2] == wire[:2]:
                return got
            if got[:2] == probe[:2]:
                return b""


def records(section, types=None):
    """Names in lower case and data as in a signature, since case is nobody's."""
    return sorted(
        f"{rrset.name.canonicalize()} {dns.rdatatype.to_text(rrset.rdtype)} {rdata.to_digestable().hex()}"
        for rrset in section
        for rdata in rrset
        if not types or dns.rdatatype.to_text(rrset.rdtype) in types or
        (rrset.rdtype == dns.rdatatype.RRSIG and dns.rdatatype.to_text(rdata.type_covered) in types))


def judge_edns(message):
    if message.edns < 0:
        return "none"
    return f"version {message.edns}{' do' if message.ednsflags & dns.flags.DO else ''}, flags {message.ednsflags & 0x7fff}"


def judge_question(question, wire):
    end = HEADER + len(question.section)
    if wire[4:6] == b"\0\0":
        return "none"
    return "as asked" if wire[4:6] == b"\0\1" and wire[HEADER:end] == question.section else wire[HEADER:end].hex()


def describe(question, wire):
    """What counts of an answer, by field."""
    if len(wire) < HEADER:
        return {"rcode": "silence"}
    try:
        message = dns.message.from_wire(wire, one_rr_per_rrset=True)
    except Exception as error:  # whatever it is that a strict reader does not like
        return {"rcode": dns.rcode.to_text(wire[3] & 15), "readable": f"no: {error!r}"}
    found = {
        "rcode": dns.rcode.to_text(message.rcode()),
        "readable": "yes",
        "opcode": str(message.opcode()),
        "flags": dns.flags.to_text(message.flags),
        "question": judge_question(question, wire),
        "edns": judge_edns(message),
    }
    if not message.flags & dns.flags.TC:
        found["answer"] = " ".join(records(message.answer)) or "nothing"
        found["proof"] = " ".join(records(message.authority, PROOFS)) or "nothing"
    if not question.tcp and len(wire) > question.room:
        found["size"] = f"{len(wire)} octets, and {question.room} are taken"
    return found


class Judge:
    def __init__(self):
        self.used = collections.Counter()
        self.faults = 0
        self.questions = 0
        self.allowed = 0

    def is_allowed(self, name, field, ours, theirs):
        for row in ALLOWED:
            if all(re.fullmatch(pattern, text) for pattern, text in zip(row, (name, field, ours, theirs))):
                self.used[row] += 1
                return True
        return False

    def compare(self, question, ours, theirs, behind):
        self.questions += 1
        # Nothing but the RCODE can be compared with silence, or with what cannot be read.
        for field in sorted(ours.keys() & theirs.keys() | {"rcode", "size"}):
            a, b = ours.get(field, "fits"), theirs.get(field, "fits")
            if a == b:
                continue
            if self.is_allowed(question.name, field, a, b):
                self.allowed += 1
                continue
            self.faults += 1
            print(f"{question.name}{behind}: {field}\n    ours:   {a}\n    theirs: {b}")


def address(text):
    host, port = text.rsplit(":", 1)
    return host, int(port)


def main():
    ours, theirs = map(address, sys.argv[1:3])
    judge = Judge()
    for behind in ("", " (again)"):
        for question in questions.all_questions():
            ask = ask_tcp if question.tcp else ask_udp
            judge.compare(question, describe(question, ask(ours, question.wire)), describe(question, ask(theirs, question.wire)), behind)
    for row in ALLOWED:
        if not judge.used[row]:
            judge.faults += 1
            print(f"this row of ALLOWED allows nothing: {row}")
    print(f"{judge.questions} questions, {judge.allowed} differences that are wanted, {judge.faults} others")
    return 1 if judge.faults else 0


if __name__ == "__main__":
    sys.exit(main())
