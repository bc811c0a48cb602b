#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""manual.py HAIRPIN HAIRPIND    doc/hairpin.8 and doc/hairpind.8 against the tables of commands and options, in TAP

What the pages repeat of the tables are the lines from .It on; they stay written by hand, since each is followed by prose, and are compared here. doc/hairpin.yaml.5
is compared with its schema by tests/conf/manual.sh.
"""

import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
OPTION = re.compile(r"--?[a-z-]+$", re.I)


class Tap:
    def __init__(self):
        self.n = 0
        self.failed = False

    def same(self, name, page, table):
        self.n += 1
        missing, unknown = sorted(table - page), sorted(page - table)
        for word in missing:
            print(f"# not in the page: {word}")
        for word in unknown:
            print(f"# only in the page: {word}")
        good = bool(table) and not missing and not unknown
        print(f"{'ok' if good else 'not ok'} {self.n} - {name}")
        self.failed |= not good


def said(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()


def section(page, name):
    """The lines of one .Sh."""
    inside = False
    for line in (ROOT / "doc" / page).read_text().splitlines():
        if line.startswith(".Sh "):
            inside = line == f".Sh {name}"
        elif inside:
            yield line


def words_of(line):
    """An .It line as it is typed: options with their dashes, and no brackets."""
    words, is_option = [], False
    for word in line.split()[1:]:
        if word in ("Ic", "Ar", "Cm", "Oo", "Oc", "Op", "Fl"):
            is_option = word == "Fl"
        elif word != ",":
            words.append(f"-{word}" if is_option else word)
            is_option = False
    return words


def option_pairs(words):
    """{"--confirm time", "--force"}: each option with what it takes."""
    pairs = set()
    for i, word in enumerate(words):
        if OPTION.match(word):
            takes = i + 1 < len(words) and not OPTION.match(words[i + 1])
            pairs.add(f"{word} {words[i + 1]}" if takes else word)
    return pairs


def alternatives(text):
    return re.sub(r" \| ", "|", text)


def table_commands(rows, arguments):
    """{"show top clients|names|blocked --since time"}: options sorted, those of all commands left out."""
    common = {"-j", "-s", "-b", "-d", "-f", "-h", "-V"}
    commands = set()
    for row in rows:
        if row[0] != "command":
            continue
        own = [f"{o} {arguments[o]}".strip() for o in row[2].split() if o not in common]
        commands.add(" ".join([row[1], *([] if row[3] == "-" else [row[3].lower()]), *sorted(own)]))
    return commands


def page_commands(names, arguments):
    """The same of the page, where a command may have more than one item."""
    found = {}
    for line in section("hairpin.8", "DESCRIPTION"):
        if not line.startswith(".It Ic "):
            continue
        words = words_of(alternatives(line))
        name = " ".join(words[:2]) if " ".join(words[:2]) in names else words[0]
        options, rest = set(), []
        left = iter(words[len(name.split()):])
        for word in left:
            if OPTION.match(word):
                options.add(f"{word} {next(left)}" if arguments.get(word) else word)
            else:
                rest.append(word)
        before = found.setdefault(name, (set(), rest))
        before[0].update(options)
        if len(rest) > len(before[1]):
            found[name] = (before[0], rest)
    return {" ".join([name, *rest, *sorted(options)]) for name, (options, rest) in found.items()}


def page_words(command):
    """What is in Cm in the text of a command."""
    inside, words = False, set()
    for line in section("hairpin.8", "DESCRIPTION"):
        if line.startswith(".It Ic "):
            inside = line.split()[2] == command
        elif inside and re.match(r"\.(It )?Cm ", line):
            words.add(line.split("Cm ")[1].split()[0])
    return words


def normal(commands):
    """The page says "answer ...", the table "ANSWER..."."""
    return {re.sub(r" \.\.\.", "...", c) for c in commands}


def main():
    tap = Tap()
    hairpin, hairpind = (str(pathlib.Path(p).resolve()) for p in sys.argv[1:3])
    rows = [line.split("\t") for line in said(hairpin, "completion")]
    arguments = {r[1]: "" if r[2] == "-" else r[2].lower() for r in rows if r[0] == "option"}
    # A page calls a file of facts by its name, as it stands beside another file.
    arguments.update({"--facts": "facts", "--hosts": "hosts"})
    names = {r[1] for r in rows if r[0] == "command"}
    tap.same("hairpin(8): every command, with its options and arguments",
             normal(page_commands(names, arguments)), table_commands(rows, arguments))
    for command, placeholder in (("export", "TARGET"), ("import", "SOURCE")):
        words = {w for r in rows if r[:2] == ["words", placeholder] for w in r[2].split()}
        tap.same(f"hairpin(8): the words that {command} takes", page_words(command) & words, words)
    letters = {f"{r[1]} {arguments[r[1]]}".strip() for r in rows if r[0] == "option" and len(r[1]) == 2}
    described = set()
    for line in section("hairpin.8", "DESCRIPTION"):
        if line.startswith(".It Fl "):
            described |= option_pairs(words_of(line))
    tap.same("hairpin(8): the options of all commands", described, letters)
    synopsis = set()
    for line in section("hairpin.8", "SYNOPSIS"):
        if line.startswith(".Op Fl "):
            synopsis |= option_pairs(words_of(line.replace(".Op", ".It")))
    tap.same("hairpin(8): its synopsis", synopsis, letters)

    table = set()
    for line in said(hairpind, "-h"):
        match = re.match(r"  (--?\S+) ([A-Z]+)? *\S", line)
        if match:
            table.add(f"{match[1]} {(match[2] or '').lower()}".strip())
    described = set()
    for line in section("hairpind.8", "DESCRIPTION"):
        if line.startswith(".It Fl "):
            described |= option_pairs(words_of(line))
    tap.same("hairpind(8): its options", described, table)
    print(f"1..{tap.n}")
    return tap.failed


if __name__ == "__main__":
    sys.exit(main())
