"""What the tunnel must survive, what each fault may cost, and the table of what it did cost.

A test measures a fault by the fixture `fault`:

    with fault("relay restarts under load") as row:
        ...
        row.measured("serving after", seconds, "s", at_most=5)

A figure beyond its limit fails the test when the block ends. pytest prints the table at the end of every run that
measured something; `--fault-table FILE` also writes it, and then a fault without a figure fails the run.
"""

from __future__ import annotations

import contextlib
import textwrap
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

# Lost: a visitor who got neither the upstream's answer nor a correct error (502, 503, 504).
# Duplicated: a visitor got two replies, or the upstream saw one non-idempotent visit twice.
EXPECTED = {
    "relay restarts under load": "serving ≤ 5 s; ≤ 1 attempt/s per tunnel while down",
    "relay stopped with SIGTERM under load": "0 lost of those handed over",
    "network black hole (DROP)": "noticed ≤ 30 s; serving ≤ 5 s",
    "half-open connection, worker suspended": "descriptors back at baseline; the visitor waits ≤ 5 s",
    "10 % packet loss each way, 1,000 GETs": "0 lost, 0 duplicated, ≤ 0.5 % error pages",
    "DNS refused; DNS silent": "serving ≤ 5 s; other tunnels' p99 ≤ 2 × baseline; loop lag ≤ 50 ms",
    "relay answers 5xx for a minute": "≤ 60 requests/min per tunnel; CPU < 2 %",
    "524 after 100 s idle, again and again": "slots stay full, nothing above debug in the log",
    "401/403": "/readyz 503; ≤ 1 log line a minute",
    "one visit that the front proxy refuses": "that slot only: other visitors unharmed",
    "upstream slow": "504; others' p99 ≤ 2 × baseline",
    "upstream down (refused / silent address)": "502 ≤ 100 ms / 504 ≤ connect_timeout",
    "upstream closes an idle kept connection as a request goes out": "0 lost GETs, 0 duplicated POSTs",
    "upstream killed mid-body": "0 complete-looking truncated answers in 1,000 kills",
    "reply's connection reset before / during / just after its upload": "0 lost, 0 duplicated (fpw-relay)",
    "visitor leaves": "upstream connection closed ≤ 1 s after the next byte",
    "fpwd killed with visits under way": "502/504 ≤ visit_timeout; the next fpwd serves at once",
    "log disk full, stderr closed, journal slow": "0 lost; drops counted",
    "clock jumps ± 1 day": "0 spurious timeouts",
    "out of file descriptors": "no crash, no busy loop; recovers ≤ 1 s",
    "memory cap 64 MiB, 50 slots busy with 100 MiB bodies": "no OOM kill",
    "SIGHUP 100/s for 10 s under load": "0 lost; RSS and descriptors of round 3 vs round 2 ≤ max(1 %, 1 MiB)",
    "SIGTERM under load": "0 lost (fpw-relay); exit ≤ drain_timeout; idle exit ≤ 1 s",
    "SIGKILL": "serving ≤ 5 s",
    "soak": "after warm-up ≤ 1 MB/h at 2 h, ≤ 1 MiB in all at 20 min; descriptors flat",
    "the books": "visitors' = the relay's visits; hand-overs − repeats = fpwd's visits",
}

PROPERTY = "fault"


@dataclass
class Row:
    """A fault as one test measured it. Only plain values: pytest-xdist carries it between processes."""

    fault: str
    figures: list[str] = field(default_factory=list)
    beyond: list[str] = field(default_factory=list)
    finished: bool = False

    def measured(
        self, what: str, value: float, unit: str = "", at_most: float | None = None, at_least: float | None = None
    ) -> None:
        """Notes a figure and the limit that it must keep; without a limit it only informs. Within the row's block."""
        assert not self.finished, "the row is closed: its block has ended"
        limits = [f"{sign} {limit:g}" for sign, limit in (("≤", at_most), ("≥", at_least)) if limit is not None]
        number = f"{value:.3g}" if isinstance(value, float) else str(value)
        figure = " ".join(filter(None, [what, number, unit, f"({' and '.join(limits)})" if limits else ""]))
        self.figures.append(figure)
        if (at_most is not None and value > at_most) or (at_least is not None and value < at_least):
            self.beyond.append(figure)


@contextlib.contextmanager
def measuring(fault: str, note: Callable[[str, dict], None]) -> Iterator[Row]:
    """A row for the table. `note` gets it whatever happens in the block."""
    assert fault in EXPECTED, f"no row of the table: {fault}"
    row = Row(fault)
    try:
        yield row
        row.finished = True
    finally:
        note(PROPERTY, vars(row))
    assert not row.beyond, f"{fault}: {'; '.join(row.beyond)}"


class Table:
    """Collects the rows of all tests."""

    def __init__(self):
        self.rows: dict[str, list[Row]] = {fault: [] for fault in EXPECTED}

    def add(self, properties: Iterable[tuple[str, object]]) -> None:
        for name, row in properties:
            if name == PROPERTY:
                self.rows[row["fault"]].append(Row(**row))

    @property
    def is_empty(self) -> bool:
        return not any(self.rows.values())

    @property
    def missing(self) -> list[str]:
        return [fault for fault, rows in self.rows.items() if not any(row.figures for row in rows)]

    def text(self, with_missing: bool) -> str:
        lines = [_line("fault", "expected", "measured", "verdict"), _line("─" * 36, "─" * 36, "─" * 44, "─" * 7)]
        for fault, rows in self.rows.items():
            if rows or with_missing:
                figures = [figure for row in rows for figure in row.figures]
                lines += _cells(fault, EXPECTED[fault], figures, _verdict(rows))
        return "\n".join(lines) + "\n"


def _verdict(rows: list[Row]) -> str:
    if not any(row.figures for row in rows):
        return "MISSING"
    return "ok" if all(row.finished and not row.beyond for row in rows) else "FAILED"


def _cells(fault: str, expected: str, figures: list[str], verdict: str) -> Iterator[str]:
    columns = [
        textwrap.wrap(fault, 36),
        textwrap.wrap(expected, 36),
        [line for figure in figures for line in textwrap.wrap(figure, 44, subsequent_indent="  ")],
        [verdict],
    ]
    for number in range(max(map(len, columns))):
        yield _line(*(column[number] if number < len(column) else "" for column in columns))


def _line(fault: str, expected: str, measured: str, verdict: str) -> str:
    return f"{fault:36}  {expected:36}  {measured:44}  {verdict}".rstrip()
