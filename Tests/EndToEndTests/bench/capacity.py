"""What fpwd and fpw-relay need and carry, figure by figure.

    make capacity
    scripts/bench.sh capacity --only start-up,slots --duration 1 --idle 10 --gibibytes 1

A figure beyond its limit ends the run with an error.
"""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict
from pathlib import Path

from bench.carries import crowds, slots, waiting
from bench.machine import facts, machine, versions
from bench.needs import bodies, idle, memory, start_up
from bench.rig import a_rig
from bench.table import aligned
from bench.tunnels import Figure

# Each takes the rig and the options, and yields figures.
PARTS = {
    "start-up": start_up,
    "idle": idle,
    "slots": slots,
    "memory": memory,
    "bodies": bodies,
    "crowds": crowds,
    "waiting": waiting,
}


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make capacity")
    parser.add_argument("--only", default=",".join(PARTS), help="some of these")
    parser.add_argument("--duration", type=int, default=3, help="seconds for each load")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--idle", type=int, default=100, help="seconds to look at idle programs: longer than park_time")
    parser.add_argument("--gibibytes", type=int, default=10, help="the size of the largest body")
    parser.add_argument("--json", type=Path, required=True, help="where the figures go")
    return parser.parse_args()


def main() -> None:
    chosen = options()
    about = {"machine": machine(), "versions": versions()}
    figures: list[Figure] = []
    for name in chosen.only.split(","):
        with a_rig(chosen.json.with_suffix(".log")) as rig:
            for figure in PARTS[name](rig, chosen):
                figures.append(figure)
                print(f"{name}: {' '.join(figure.cells)}", file=sys.stderr, flush=True)
    chosen.json.write_text(json.dumps(about | {"figures": [asdict(each) for each in figures]}, indent=1) + "\n")
    print(facts(about["machine"]), facts(about["versions"]), "", sep="\n")
    print(aligned([["", "measured", "limit", "verdict"], *(figure.cells for figure in figures)]))
    if missed := [figure for figure in figures if not figure.is_within]:
        sys.exit("\n" + "\n".join(f"beyond its limit: {' '.join(figure.cells)}" for figure in missed))


if __name__ == "__main__":
    main()
