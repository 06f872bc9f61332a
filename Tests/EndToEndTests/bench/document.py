"""Writes the figures of the last `make bench` and `make capacity` into docs/performance.md, and draws docs/bench.svg.

    scripts/bench.sh document

A block of the document from `<!-- NAME -->` to `<!-- end -->` is replaced, the rest is left as it is.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

from bench.chart import svg
from bench.goals import COLUMNS as WAYS
from bench.goals import GOALS, verdicts
from bench.machine import facts
from bench.results import Results, cpu, p50, p99, rate
from bench.rig import MIB
from bench.systems import SYSTEMS
from bench.table import number, share
from bench.tunnels import Figure

ROOT = Path(__file__).parents[3]
DOCUMENT = ROOT / "docs/performance.md"
COLUMNS = [
    "through",
    "visits/s, 50 visitors: kept connections",
    "a fresh one each time",
    "median of 1 visitor, ms",
    "99 % of 50, ms",
    "agent's CPU a visit, µs: kept / fresh",
    "relay's CPU a visit, µs: kept / fresh",
    "100 MiB, MiB/s: down / up",
    "peak RSS, MiB: agent / relay",
    "failed",
]


def table(rows: list[list[str]]) -> str:
    rows = [rows[0], ["---"] * len(rows[0]), *rows[1:]]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def systems(results: Results) -> str:
    return table([COLUMNS, *(_system(results, system) for system in results.samples)])


def _system(results: Results, system: str) -> list[str]:
    def median(load: str, pick) -> str:
        return number(results.median(system, load, pick))

    def with_spread(load: str) -> str:
        return f"{median(load, rate)} ± {share(results.spread(system, load))}"

    def both(pick) -> str:
        return f"{median('kept-50', pick)} / {median('fresh-50', pick)}"

    memory = " / ".join(number(results.memory[system].get(role, 0) / MIB) for role in ("agent", "relay"))
    return [
        SYSTEMS[system][0],
        with_spread("kept-50"),
        with_spread("fresh-50"),
        median("kept-1", p50),
        median("kept-50", p99),
        both(cpu("agent")),
        both(cpu("relay")),
        f"{median('download', rate)} / {median('upload', rate)}",
        memory,
        share(results.failed_share(system)),
    ]


def goals(results: Results) -> str:
    judged = verdicts(results)
    rows = [["goal", "limit", *WAYS]]
    for goal in GOALS:
        found = (judged[goal.name].get(way) for way in WAYS)
        cells = [f"{each.measured}{'' if each.is_met else ' **missed**'}" if each else "-" for each in found]
        rows.append([goal.name, goal.text, *cells])
    return table(rows)


def capacity(plain: dict) -> str:
    return table([["", "measured", "limit", ""], *(_figure(Figure(**each)) for each in plain["figures"])])


def _figure(figure: Figure) -> list[str]:
    what, limit = figure.what.replace("  ", "… ", 1), figure.cells[2]
    return [what, figure.cells[1], limit, "" if figure.is_within else "**missed**"]


def with_block(text: str, name: str, content: str) -> str:
    block = f"<!-- {name} -->\n\n{content}\n\n<!-- end -->"
    text, count = re.subn(rf"<!-- {name} -->.*?<!-- end -->", lambda _: block, text, flags=re.DOTALL)
    assert count == 1, f"docs/performance.md has {count} blocks <!-- {name} -->"
    return text


def main() -> None:
    bench, needs = (json.loads(Path(file).read_text()) for file in sys.argv[1:3])
    results = Results.read(bench)
    text = DOCUMENT.read_text()
    for name, content in {
        "machine": f"{facts(bench['machine'])}.\n{facts(bench['versions'])}.",
        "systems": systems(results),
        "goals": goals(results),
        "capacity": capacity(needs),
    }.items():
        text = with_block(text, name, content)
    DOCUMENT.write_text(text)
    (ROOT / "docs/bench.svg").write_text(svg(results))


if __name__ == "__main__":
    main()
