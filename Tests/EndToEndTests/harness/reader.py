"""Who follows a document on a machine."""

from __future__ import annotations

import re
import subprocess
import time
from dataclasses import dataclass, field

from harness.commands import INSTEAD, NOT_RUN, SERVING, STAYING, TYPED
from harness.documents import FILES, Block
from harness.machine import Machine
from harness.program import Program, eventually


@dataclass
class Reader:
    """Goes through a story on a machine and does what stands there."""

    machine: Machine
    shown: str = ""
    leaving: list[Program] = field(default_factory=list)

    def read(self, block: Block) -> None:
        if block.kind == "sh":
            for command in block.commands:
                self.follow(command, block)
        elif block.kind in FILES:
            self.write(block)
        elif self.shown:
            assert alike(block.text) == alike(self.shown), f"{block} does not show what was said"
        if block.kind != "sh":
            self.shown = ""

    def write(self, block: Block) -> None:
        if block.kind == "toml":
            group = "_fpw-relay" if "fpw-relay" in block.path else "_fpwd"
            self.machine.write(block.path, block.text, 0o640, f"root:{group}")
            self.succeed(f"{group.removeprefix('_')} -t -c {block.path}")
        else:
            self.machine.write(block.path, block.text)

    def follow(self, command: str, block: Block) -> None:
        print(f"{time.monotonic():.1f} {block}: {command}")
        self.shown = ""
        if command in SERVING:
            self.serve(command)
        elif command not in NOT_RUN:
            self.leave()
            typed = TYPED.get(command, "")
            if typed.startswith("cat "):
                typed = self.succeed(typed)
            self.succeed(command, typed)

    def serve(self, command: str) -> None:
        # The name that was drawn for a service is another program's as long as that has not ended.
        if any(program.arguments[-1].endswith(" " + command.split()[-1]) for program in self.leaving):
            self.leave()
        program = self.machine.begin(INSTEAD.get(command, command))
        program.wait_for_line(SERVING[command])
        for line in program.lines:
            if line.lstrip().startswith("curl "):
                self.succeed(line.strip())
        if command not in STAYING:
            self.shown = program.text
            self.machine.interrupt(program)
            self.leaving.append(program)

    def leave(self) -> None:
        """What was interrupted ends well. Until then it may still get visits."""
        for program in self.leaving:
            assert program.exit_code() == 0, program.text
        self.leaving.clear()

    def succeed(self, command: str, typed: str = "") -> str:
        """What asks somebody may have to wait until that one is there."""
        done: list[subprocess.CompletedProcess[str]] = []

        def ends_well() -> bool:
            done.append(self.machine.run(command, typed))
            return done[-1].returncode == 0

        try:
            eventually(ends_well, within=10 if re.match(r"curl|fpwd (ready|status)", command) else 0, every=0.1)
        except AssertionError:
            raise AssertionError(f"{command}: {done[-1].returncode}\n{done[-1].stdout}") from None
        print(done[-1].stdout)
        return done[-1].stdout


def alike(shown: str) -> str:
    """Without what another run draws anew."""
    shown = re.sub(r"\b[a-z]+(-[a-z]+){4}\.28820", "NAME.28820", shown)
    shown = re.sub(r"127\.0\.0\.1:\d+/\?key=\w{32}", "ADDRESS", shown)
    return re.sub(r"\n{2,}", "\n", shown).strip()
