"""What liars on each side tried, and what came of it.

A test of the folder hostile/ counts by the fixture `tally`, or not at all: then it was one input. pytest prints the
table at the end of every run that tried something; `--hostile-table FILE` also writes it, and then a side that tried
nothing fails the run.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

SIDES = {
    "relay": "a lying relay against fpwd",
    "upstream": "a lying upstream against fpwd",
    "visitor": "lying visitors against fpw-relay",
    "worker": "lying workers against fpw-relay",
    "handshake": "lying handshakes against fpw-relay",
    "access": "unwelcome visitors against access rules",
    "page": "a lying page against the admin listeners",
    "file": "a lying file against the configuration",
}

PROPERTY = "hostile"


@dataclass
class Tally:
    """One test's inputs. Only plain values: pytest-xdist carries it between processes.

    `refused` were answered with an error or a closed connection, `passed` went on as what they meant. A wrong accept is
    one that went on as something else.
    """

    side: str
    seed: int
    inputs: int = 0
    refused: int = 0
    passed: int = 0
    crashes: int = 0
    wrong: list[str] = field(default_factory=list)

    def refuse(self, count: int = 1) -> None:
        self.inputs, self.refused = self.inputs + count, self.refused + count

    def take(self, count: int = 1) -> None:
        self.inputs, self.passed = self.inputs + count, self.passed + count

    def accept_wrongly(self, what: str) -> None:
        self.inputs += 1
        self.wrong.append(what)

    def is_alive(self, program) -> None:
        """Fails where the program has ended."""
        if not program.is_running:
            self.crashes += 1
            raise AssertionError(f"{program} ended with {program.exit_code()} (seed {self.seed}):\n{program.text}")

    def check(self) -> None:
        shown = "\n".join(self.wrong[:10])
        assert not self.wrong, f"{len(self.wrong)} wrong accepts of {self.inputs} inputs (seed {self.seed}):\n{shown}"


class Table:
    """The sum of all tests, a line for each side."""

    def __init__(self):
        self.rows: dict[str, list[dict]] = {side: [] for side in SIDES}

    def add(self, properties: Iterable[tuple[str, object]]) -> None:
        for name, tally in properties:
            if name == PROPERTY:
                self.rows[tally["side"]].append(tally)

    @property
    def is_empty(self) -> bool:
        return not any(self.rows.values())

    @property
    def missing(self) -> list[str]:
        return [side for side, tallies in self.rows.items() if not tallies]

    def text(self, with_missing: bool) -> str:
        lines = [_line("side", "inputs", "refused", "passed", "crashes", "wrong accepts")]
        for side, tallies in self.rows.items():
            if tallies or with_missing:
                sums = [sum(tally[name] for tally in tallies) for name in ("inputs", "refused", "passed", "crashes")]
                lines.append(_line(SIDES[side], *sums, sum(len(tally["wrong"]) for tally in tallies)))
        return "\n".join(lines) + "\n"


def _line(side: str, *counts: object) -> str:
    return f"{side:44}" + "".join(f"{count:>9}" for count in counts[:-1]) + f"{counts[-1]:>15}"
