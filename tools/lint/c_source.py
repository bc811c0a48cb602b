# SPDX-License-Identifier: GPL-2.0-or-later
"""A rough reader of C, good enough to measure it: functions, file-scope objects, prototypes.

It knows comments, strings, preprocessor lines and brackets, and the layout that clang-format leaves; it expands nothing.
"""

import bisect
import re
from dataclasses import dataclass, field

TOKENS = re.compile(
    r"""(?P<comment>//(?:\\\n|[^\n])*|/\*.*?\*/)
      |(?P<string>"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*')
      |(?P<directive>^[ \t]*\#(?:\\\n|/\*.*?\*/|[^\n])*)""",
    re.S | re.M | re.X,
)
CONTROL = re.compile(r"\b(if|else|for|while|do|switch|\w*for_?each\w*)\b[^;{}]*$", re.I)


@dataclass
class Function:
    name: str
    line: int
    lines: int
    params: int
    nesting: int
    marked: str  # the comment that stands right above it


@dataclass
class Statement:
    """Something at file scope that ends with a semicolon; brace contents are left out."""

    text: str
    line: int
    last_line: int


@dataclass
class Source:
    lines: int = 0
    comment_lines: int = 0
    conditionals: int = 0
    functions: list = field(default_factory=list)
    statements: list = field(default_factory=list)
    comment_ends: dict = field(default_factory=dict)  # last line of a comment -> its text


def blank(text):
    return re.sub(r"[^\n]", " ", text)


def strip(text, source):
    """The code alone, every other character a blank, so that offsets and lines stay."""

    def replace(match):
        kind = match.lastgroup
        first = text.count("\n", 0, match.start()) + 1
        if kind == "comment":
            last = first + match[0].count("\n")
            source.comment_lines += last - first + 1
            source.comment_ends[last] = match[0]
            return blank(match[0])
        if kind == "directive":
            if re.match(r"\s*#\s*(if|ifdef|ifndef|elif)\b", match[0]):
                source.conditionals += 1
            return blank(match[0])
        return '"' + blank(match[0])[1:-1] + '"'

    return TOKENS.sub(replace, text)


def match_bracket(code, start, pair):
    depth = 0
    for i in range(start, len(code)):
        if code[i] == pair[0]:
            depth += 1
        elif code[i] == pair[1]:
            depth -= 1
            if not depth:
                return i
    return len(code) - 1


def split_params(text):
    depth = 0
    count = 1
    for c in text:
        depth += (c in "([{") - (c in ")]}")
        count += c == "," and depth == 0
    return 0 if text.strip() in ("", "void") else count


ATTRIBUTE = re.compile(r"__attribute__\s*\(\(.*?\)\)|\b[A-Z_]{3,}\s*\(\s*\"\s*\"\s*\)|\b_\w+_\s*\([^()]*\)", re.S)
FUNCTION = re.compile(r"(\w+)\s*\(")


def parse_head(head):
    """(name, parameter text) if @head, what stands before a brace, declares a function."""
    clean = ATTRIBUTE.sub(lambda m: blank(m[0]), head)
    if "=" in clean.split("(")[0] or not clean.rstrip().endswith(")"):
        return None
    match = FUNCTION.search(clean)
    if not match or match[1] in ("struct", "union", "enum"):
        return None
    end = match_bracket(clean, match.end() - 1, "()")
    return match[1], clean[match.end() : end]


def measure_nesting(body):
    """The deepest nest of braces that control something; initialisers and struct bodies do not count."""
    stack, deepest = [], 0
    for match in re.finditer(r"[{}]", body):
        if match[0] == "}":
            if stack:
                stack.pop()
            continue
        before = body[: match.start()].rstrip()
        tail = re.split(r"[;{}]", before)[-1] if not before.endswith(")") else statement_before(before)
        stack.append(bool(CONTROL.search(tail)))
        deepest = max(deepest, sum(stack))
    return deepest


def statement_before(text):
    """What precedes the bracket that @text ends with, with the word before it: "for (a; b; c)" has semicolons inside."""
    depth = 0
    for i in range(len(text) - 1, -1, -1):
        depth += (text[i] == ")") - (text[i] == "(")
        if not depth:
            return re.split(r"[;{}]", text[:i])[-1] + "()"
    return text


def read(path):
    """Measures the file @path."""
    text = path.read_text(encoding="utf-8")
    source = Source(lines=text.count("\n"))
    code = strip(text, source)
    starts = [m.end() for m in re.finditer(r"\n", code)]

    def line_of(offset):
        return bisect.bisect_right(starts, offset) + 1

    position, pending, first = 0, "", None
    while position < len(code):
        c = code[position]
        if c == "{":
            end = match_bracket(code, position, "{}")
            head = parse_head(pending)
            if head:
                start = first + pending.index(head[0]) if head[0] in pending else first
                lines = line_of(end) - line_of(start) + 1
                source.functions.append(
                    Function(head[0], line_of(start), lines, split_params(head[1]),
                             measure_nesting(code[position + 1 : end]),
                             source.comment_ends.get(line_of(first) - 1, ""))
                )
                pending, first = "", None
            else:
                pending += "{}"
            position = end + 1
            continue
        if c == ";":
            if pending.strip():
                source.statements.append(Statement(pending.strip(), line_of(first), line_of(position)))
            pending, first = "", None
        elif c == "(":
            end = match_bracket(code, position, "()")
            if first is None:
                first = position
            pending += code[position : end + 1]
            position = end
        elif first is not None or not c.isspace():
            if first is None:
                first = position
            pending += c
        position += 1
    return source
