#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Whether every file of src compiles against musl's headers, OpenWrt's libc, as TAP: musl.py BUILD

No program comes of it: the libraries are there for glibc alone, and of the kernel's headers those of this machine are taken. A function that musl
does not have is an error.
"""

import concurrent.futures
import json
import os
import pathlib
import shlex
import shutil
import subprocess
import sys

BUILD = pathlib.Path(sys.argv[1])
SOURCES = pathlib.Path(__file__).resolve().parent.parent.parent / "src"
# Chosen by Meson where the libc has mallinfo2(); the other one is compiled in its place.
CHOSEN = {"allocated.c": "allocated_pages.c"}
KEPT = ("-I", "-D", "-std=", "-isystem")


def commands():
    """Each file once: [(file, options)]"""
    found = {}
    for entry in json.loads((BUILD / "compile_commands.json").read_text()):
        file = (BUILD / entry["file"]).resolve()
        if not file.is_relative_to(SOURCES) or not entry.get("output", "").startswith("src/"):
            continue
        file = file.with_name(CHOSEN.get(file.name, file.name))
        found[file] = [word for word in shlex.split(entry["command"]) if word.startswith(KEPT)]
    return sorted(found.items())


def headers():
    """Those of the kernel and of libraries, behind musl's own."""
    multiarch = subprocess.run(["cc", "-print-multiarch"], stdout=subprocess.PIPE, text=True, check=True).stdout.strip()
    return ["-idirafter", "/usr/include", "-idirafter", f"/usr/include/{multiarch}"]


def compiled(item):
    file, options = item
    return file, subprocess.run(
        ["musl-gcc", "-fsyntax-only", "-Werror=implicit-function-declaration", *options, *HEADERS, file], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace", cwd=BUILD, check=False)


def main():
    if not shutil.which("musl-gcc"):
        print("1..0 # SKIP musl-gcc is not there; tools/bootstrap installs it")
        return False
    files = commands()
    faults = 0
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for file, done in pool.map(compiled, files):
            if done.returncode:
                faults += 1
                print(f"# {file}")
                for line in done.stdout.splitlines()[:6]:
                    print(f"#   {line}")
    print(f"# {len(files)} files, {faults} with faults")
    print("ok 1 - src compiles against musl" if files and not faults else "not ok 1 - src compiles against musl")
    print("1..1")
    return bool(faults or not files)


HEADERS = headers()
sys.exit(main())
