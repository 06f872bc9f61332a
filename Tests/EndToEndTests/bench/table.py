"""The results as text."""

from __future__ import annotations

from bench.goals import COLUMNS, GOALS, verdicts
from bench.loads import LOADS, Transfer
from bench.results import Results, cpu, p50, p99, rate
from bench.rig import MIB
from bench.systems import SYSTEMS

ROLES = ("agent", "relay", "front")


def aligned(rows: list[list[str]]) -> str:
    """The first column begins left, the others end right; a line stands under the first row."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    rows = [rows[0], ["─" * width for width in widths], *rows[1:]]
    return "\n".join(
        "  ".join(cell.ljust(width) if number == 0 else cell.rjust(width) for number, (cell, width) in enumerate(pairs))
        for pairs in (list(zip(row, widths, strict=True)) for row in rows)
    )


def number(value: float | None, digits: int = 3) -> str:
    """Three significant digits, thousands apart; a dash for what was not measured."""
    if not value:
        return "-"
    return f"{value:,.0f}" if value >= 100 else f"{value:.{digits}g}"


def share(value: float | None) -> str:
    return "-" if value is None else f"{value * 100:.2g} %" if value < 0.1 else f"{value * 100:.0f} %"


def load_table(results: Results, load) -> str:
    is_transfer = isinstance(load, Transfer)
    first = [f"{load.title}:", "MiB/s" if is_transfer else "visits/s", "±"]
    first += [] if is_transfer else ["p50 ms", "p99 ms"]
    unit = "ms" if is_transfer else "µs/visit"
    rows = [[*first, *(f"{role} {unit}" for role in ROLES), "failed"]]
    for system, loads in results.samples.items():
        if load.key in loads:
            median = [results.median(system, load.key, pick) for pick in ([rate] if is_transfer else [rate, p50, p99])]
            used = [results.median(system, load.key, cpu(role)) for role in ROLES]
            spread, failed = results.spread(system, load.key), results.failed_share(system, load.key)
            cells = [number(median[0]), share(spread), *map(number, median[1:]), *map(number, used), share(failed)]
            rows.append([SYSTEMS[system][0], *cells])
    return aligned(rows)


def memory_table(results: Results) -> str:
    rows = [["peak RSS in all, MiB:", *ROLES, "failed"]]
    for system, roles in results.memory.items():
        cells = [number(roles.get(role, 0) / MIB) for role in ROLES]
        rows.append([SYSTEMS[system][0], *cells, share(results.failed_share(system))])
    return aligned(rows)


def goal_table(results: Results) -> str:
    judged = verdicts(results)
    rows = [["goal for fpwd and fpw-relay", "limit", *COLUMNS]]
    for goal in GOALS:
        found = (judged[goal.name].get(column) for column in COLUMNS)
        cells = [f"{each.measured}  {'ok' if each.is_met else 'MISSED'}" if each else "-" for each in found]
        rows.append([goal.name, goal.text, *cells])
    return aligned(rows)


def text(results: Results) -> str:
    loads = [load_table(results, load) for load in LOADS if any(load.key in each for each in results.samples.values())]
    return "\n\n".join([*loads, memory_table(results), goal_table(results)])
