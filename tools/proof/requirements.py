# SPDX-License-Identifier: GPL-2.0-or-later
"""What tools/behaviour and tools/mutants both read: the rows, the tests that declare them, the mutants and what killed them."""

import hashlib
import pathlib
import re

ROWS = "doc/nat-behaviour.rows"
MUTANTS = "tests/mutants"
KILLED = "tests/mutants/killed"
LAST_NUMBER = 69

# The order is that of speed: a mutant is tried on the first.
SUITES = ("unit", "fuzz", "bpf", "conf", "lab")
DECLARATION = re.compile(r"^(?:/\*|#|//) Requirements: (\d+(?:, \d+)*)\.(?: \*/)?$")
LIKE_DECLARATION = re.compile(r"^\s*(?:/?\*+|#|//)\s*requirements?\s*:", re.I)


class Fault(Exception):
    """What is wrong with a file of ours, with its place."""


class Row:
    def __init__(self, number, source, level):
        self.number = number
        self.source = source
        self.level = level
        self.fields = {}

    @property
    def must(self):
        return "MUST" in self.level

    @property
    def verdict(self):
        return self.fields["verdict"]

    @property
    def met(self):
        return self.verdict.startswith("met")

    @property
    def pending(self):
        return self.verdict.startswith("pending, ")


ROW_HEAD = re.compile(r"^(\d+) (RFC \S.*?) ((?:MUST|SHOULD|MAY|NOTE)(?:, (?:MUST|SHOULD|MAY))*)$")
ROW_FIELD = re.compile(r"^  (asks|verdict|how): (.*\S)$")
ROW_MORE = re.compile(r"^    (\S.*)$")
VERDICT = re.compile(r"^(pending, )?(met|met by option nat\.[a-z-]+|not: .+)$")


def parse_rows(path):
    """The rows by number; every requirement has just one, in order."""
    rows, field = {}, None
    for place, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if not line or line.startswith("#"):
            continue
        head, entry, more = ROW_HEAD.match(line), ROW_FIELD.match(line), ROW_MORE.match(line)
        if head:
            row = Row(int(head[1]), head[2], head[3])
            if row.number != len(rows) + 1:
                raise Fault(f"{path}:{place}: row {row.number} where {len(rows) + 1} is next")
            rows[row.number] = row
        elif entry and rows and entry[1] not in row.fields:
            field = entry[1]
            row.fields[field] = entry[2]
        elif more and field:
            row.fields[field] += " " + more[1]
        else:
            raise Fault(f"{path}:{place}: not understood: {line}")
    if len(rows) != LAST_NUMBER:
        raise Fault(f"{path}: {len(rows)} rows; there are {LAST_NUMBER} requirements")
    for row in rows.values():
        if "asks" not in row.fields or not VERDICT.match(row.fields.get("verdict", "")):
            raise Fault(f"{path}: row {row.number}: no \"asks\", or a verdict that is none")
    return rows


class Test:
    def __init__(self, name, suite, path, numbers):
        self.name = name  # suite/stem
        self.suite = suite
        self.path = path  # relative to the root
        self.numbers = numbers


def test_name(relative):
    """suite/stem of a file under tests/, or None where no test can be."""
    if len(relative.parts) != 3 or relative.parts[1] not in SUITES or relative.suffix == ".h":
        return None
    return f"{relative.parts[1]}/{relative.stem.removesuffix('_test').removesuffix('_fuzz')}"


def read_declaration(root, relative):
    """The numbers that one file declares, in order; empty if it declares none."""
    try:
        lines = (root / relative).read_text(encoding="utf-8").splitlines()
    except UnicodeDecodeError:  # a case of the parser
        return []
    found = None
    for place, line in enumerate(lines, 1):
        if not LIKE_DECLARATION.match(line):
            continue
        match = DECLARATION.match(line)
        if not match or found is not None:
            raise Fault(f"{relative}:{place}: one line \"Requirements: 1, 2.\" in a comment of its own, and no second one")
        found = [int(n) for n in match[1].split(", ")]
        if found != sorted(set(found)):
            raise Fault(f"{relative}:{place}: numbers in order, each once")
        if found[-1] > LAST_NUMBER or found[0] < 1:
            raise Fault(f"{relative}:{place}: there is no requirement {found[-1] if found[0] else 0}")
    return found or []


def find_tests(root):
    """Every test that declares something, by name."""
    tests = {}
    for path in sorted((root / "tests").rglob("*")):
        relative = path.relative_to(root)
        if not path.is_file() or path.suffix in (".mutant", ".pyc", ".swp") or relative.parts[1] == "mutants" or "corpus" in relative.parts:
            continue
        if relative.parts[1] == "tools":
            continue  # made-up trees, with made-up declarations
        numbers = read_declaration(root, relative)
        if not numbers:
            continue
        name = test_name(relative)
        if not name:
            raise Fault(f"{relative}: declares requirements, but no test is named after it")
        tests[name] = Test(name, relative.parts[1], str(relative), numbers)
    return tests


class Mutant:
    """One change of the core that violates one requirement: tests/mutants/NNN-name.mutant."""

    def __init__(self, path):
        self.path = path
        self.name = path.stem
        self.text = path.read_text(encoding="utf-8")
        self.digest = hashlib.sha256(self.text.encode()).hexdigest()[:12]
        self.requirement = 0
        self.tests = []
        self.edits = []  # (file, text, text instead)

    def fault(self, text):
        return Fault(f"{MUTANTS}/{self.path.name}: {text}")

    def parse(self):
        file, blocks, block = None, [], None
        for line in self.text.splitlines():
            if block is not None and not line.startswith("--- "):
                block.append(line)
            elif line in ("--- find", "--- replace", "--- end"):
                block = None if line == "--- end" else []
                if block is not None:
                    blocks.append((line[4:], file, block))
            elif line.startswith("requirement: "):
                self.requirement = int(line.split(": ")[1])
            elif line.startswith("tests: "):
                self.tests = line.split(": ")[1].split(", ")
            elif line.startswith("file: "):
                file = line.split(": ")[1]
            elif line and not line.startswith("#"):
                raise self.fault(f"not understood: {line}")
        self.pair(blocks)
        if not self.name.startswith(f"{self.requirement:02}-"):
            raise self.fault(f"named after requirement {self.requirement}, as {self.requirement:02}-WHAT.mutant")
        return self

    def pair(self, blocks):
        if not blocks or len(blocks) % 2:
            raise self.fault("wants pairs of --- find and --- replace, and --- end")
        for (verb, file, old), (instead, _, new) in zip(blocks[::2], blocks[1::2]):
            if (verb, instead) != ("find", "replace") or not file or not old:
                raise self.fault("wants file: and then --- find, --- replace, --- end")
            self.edits.append((file, "\n".join(old) + "\n", "".join(line + "\n" for line in new)))

    def mutate(self, root):
        """File → its text with the change made; a change that does not fit just one place is a fault."""
        texts = {}
        for file, old, new in self.edits:
            if file not in texts:
                path = root / file
                if not path.is_file():
                    raise self.fault(f"there is no {file} any more")
                texts[file] = path.read_text(encoding="utf-8")
            # Whole lines; looked ahead at, because the newline between two places belongs to both.
            places = len(re.findall("(?=\n" + re.escape(old) + ")", "\n" + texts[file]))
            if places != 1:
                raise self.fault(f"its text is found {places} times in {file}, not once; it has to follow the code:\n{old}")
            texts[file] = ("\n" + texts[file]).replace("\n" + old, "\n" + new)[1:]
        return texts


def read_mutants(root):
    return [Mutant(path).parse() for path in sorted((root / MUTANTS).glob("*.mutant"))]


def check_mutants(root, rows, tests, mutants):
    """What is wrong with the mutants as they are written, one line each."""
    faults = []
    for mutant in mutants:
        try:
            mutant.mutate(root)
        except Fault as fault:
            faults.append(str(fault))
        row = rows.get(mutant.requirement)
        if not row or not row.must:
            faults.append(str(mutant.fault(f"{mutant.requirement} is no MUST")))
        if not any(mutant.requirement in test.numbers for test in tests.values()):
            faults.append(str(mutant.fault(f"no test declares {mutant.requirement}")))
    return faults


class Kill:
    def __init__(self, digest, test, date, commit):
        self.digest = digest
        self.test = test
        self.date = date
        self.commit = commit


def read_killed(root):
    """Mutant's name → what killed it last."""
    path = root / KILLED
    killed = {}
    for line in path.read_text(encoding="utf-8").splitlines() if path.exists() else []:
        if line and not line.startswith("#"):
            name, digest, test, date, commit = line.split(None, 4)
            killed[name] = Kill(digest, test, date, commit)
    return killed


KILLED_HEAD = """\
# SPDX-License-Identifier: GPL-2.0-or-later
# Written by tools/mutants: mutant, its text's digest, the declaring test that failed on it and passes without it, date, commit.
"""


def write_killed(root, killed):
    lines = [f"{name} {k.digest} {k.test} {k.date} {k.commit}\n" for name, k in sorted(killed.items())]
    (root / KILLED).write_text(KILLED_HEAD + "".join(lines), encoding="utf-8")


def is_killed(mutant, killed, tests):
    """A record counts only for the text that was run, and while the test still declares the number."""
    kill = killed.get(mutant.name)
    if not kill or kill.digest != mutant.digest:
        return False
    test = tests.get(base_of(kill.test, tests))
    return test is not None and mutant.requirement in test.numbers


def base_of(name, tests):
    """The test's file behind a name of meson's, which may have the cell of a table behind a dash."""
    while name not in tests and "-" in name:
        name = name.rpartition("-")[0]
    return name


def root_of(script):
    return pathlib.Path(script).resolve().parent.parent
