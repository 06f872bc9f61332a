"""Runs every load against every system, round by round, and prints the tables.

    make bench [DURATION=3] [ROUNDS=3] [CHART=docs/bench.svg]
    scripts/bench.sh --systems nginx,limit,fpwd --loads kept-50,fresh-50 --duration 1 --rounds 1

A run ends with an error where a system did not answer or visits failed (the Python worker's do), and where a goal is
missed; with --check goals do not count.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from bench.chart import svg
from bench.goals import verdicts
from bench.loads import LOADS, Visits
from bench.machine import facts, machine, versions
from bench.results import Results
from bench.rig import a_rig
from bench.systems import SYSTEMS, System, start
from bench.table import number, text

MAY_FAIL = ["python"]


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make bench")
    parser.add_argument("--duration", type=int, default=3, help="seconds for each load with visits")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--systems", type=_some_of(SYSTEMS), default=list(SYSTEMS), metavar=",".join(SYSTEMS))
    keys = [load.key for load in LOADS]
    parser.add_argument("--loads", type=_some_of(keys), default=keys, metavar=",".join(keys))
    parser.add_argument("--json", type=Path, required=True, help="where the figures go")
    parser.add_argument("--chart", type=Path, help="draw them there, as SVG")
    parser.add_argument("--check", action="store_true", help="look for answers and failures only, not for the goals")
    return parser.parse_args()


def _some_of(known):
    def parse(text: str) -> list[str]:
        chosen = text.split(",")
        if unknown := [name for name in chosen if name not in known]:
            raise argparse.ArgumentTypeError(f"{', '.join(unknown)}: not among {', '.join(known)}")
        return [name for name in known if name in chosen]

    return parse


def measure(systems: list[System], chosen: argparse.Namespace) -> Results:
    """System by system within a load and load by load within a round, so that noise hits all alike."""
    results = Results()
    for system in systems:
        Visits(50, kept=True).run(system, 1)
    loads = [load for load in LOADS if load.key in chosen.loads]
    for round_number in range(1, chosen.rounds + 1):
        for load in loads:
            for system in systems:
                sample = load.run(system, chosen.duration)
                results.add(system.name, load.key, sample)
                failed = f", {sample.failed} of {sample.asked} failed" if sample.failed else ""
                said = f"round {round_number}  {load.title:45}  {system.title:34}  {number(sample.rate):>8}/s{failed}"
                print(said, file=sys.stderr, flush=True)
    for system in systems:
        results.memory[system.name] = system.peak_memory()
    return results


def complaints(results: Results, check: bool) -> list[str]:
    found = []
    for system, loads in results.samples.items():
        for load, samples in loads.items():
            if not any(sample.rate for sample in samples) and (system not in MAY_FAIL or load == "kept-1"):
                found.append(f"{SYSTEMS[system][0]} did not answer ({load})")
        if system not in MAY_FAIL and (share := results.failed_share(system)):
            found.append(f"{SYSTEMS[system][0]}: {share * 100:.3g} % of the visits failed")
    if not check:
        judged = (verdict for columns in verdicts(results).values() for verdict in columns.values())
        found += [f"missed: {each.goal}: {each.measured} ({each.limit})" for each in judged if not each.is_met]
    return found


def main() -> None:
    chosen = options()
    about = {"machine": machine(), "versions": versions(), "duration": chosen.duration, "rounds": chosen.rounds}
    with a_rig(chosen.json.with_suffix(".log")) as rig:
        results = measure([start(rig, name) for name in chosen.systems], chosen)
    chosen.json.write_text(json.dumps(about | results.plain(), indent=1, ensure_ascii=False) + "\n")
    print(facts(about["machine"]), facts(about["versions"]), sep="\n")
    print(f"medians of {chosen.rounds} rounds, {chosen.duration} s for each load\n\n{text(results)}")
    if chosen.chart:
        chosen.chart.write_text(svg(results))
    if found := complaints(results, chosen.check):
        sys.exit("\n" + "\n".join(found))


if __name__ == "__main__":
    main()
