# SPDX-License-Identifier: GPL-2.0-or-later
"""A contender in its namespaces: place.sh, spoken to by a pipe."""

import json
import os
import pathlib
import subprocess

HERE = pathlib.Path(__file__).resolve().parent


class Unable(Exception):
    """This contender cannot do that, and says why."""


class Place:
    """Comes up beside what else is done, until ready()."""

    def __init__(self, build, contender, topology, way, **settings):
        command = [HERE / "place.sh", build, contender, topology, way, *(f"{key}={value}" for key, value in settings.items())]
        self.name = " ".join(map(str, command[2:]))
        self.log = (build / "bench" / f"place-{'-'.join(map(str, command[2:]))}.log").open("w+")
        # A test of the lab's may have started this: the place is one of its own.
        own = {key: value for key, value in os.environ.items() if not key.startswith(("LAB_", "HAIRPIN_"))}
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.log, text=True, env=own)

    def ready(self):
        """Waits for it."""
        said = self.process.stdout.readline().strip()
        if said.startswith("unable "):
            self.close()
            raise Unable(said.removeprefix("unable "))
        if said != "ready":
            self.fail("it did not come up")

    def fail(self, what):
        self.close()
        self.log.seek(0)
        raise SystemExit(f"{self.name}: {what}\n{self.log.read()[-3000:]}")

    def text(self, line):
        """What the line prints; a line that fails ends everything."""
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        said = []
        for answer in self.process.stdout:
            if answer == "done 0\n":
                return "".join(said)
            if answer.startswith("done "):
                break
            said.append(answer)
        return self.fail(f"{line}: {''.join(said)}")

    def json(self, line):
        return json.loads(self.text(line))

    def close(self):
        if not self.process.stdin.closed:
            self.process.stdin.close()
        self.process.wait()
