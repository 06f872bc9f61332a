"""What one machine carries: many slots, many visitors, many who wait."""

from __future__ import annotations

import argparse
import statistics
import sys
from collections.abc import Iterator
from pathlib import Path

from bench.loads import Sample, Visits
from bench.processes import cpu_seconds
from bench.rig import MIB, Rig
from bench.tunnels import Figure, Tunnels
from harness.program import Program, accepts, eventually, free_port


def slots(rig: Rig, chosen: argparse.Namespace) -> Iterator[Figure]:
    """The same visitors on more and more slots, then as many visitors as slots."""
    counts = [1, 10, 100, 1000]
    tunnels = Tunnels(rig, counts, rig.upstream.port)
    same: dict[int, list[Sample]] = {count: [] for count in counts}
    full: dict[int, list[Sample]] = {count: [] for count in counts}
    for _ in range(chosen.rounds):
        for count in counts:
            same[count].append(Visits(10, kept=True).run(tunnels.system(count), chosen.duration))
        for count in counts:
            full[count].append(Visits(count, kept=True).run(tunnels.system(count), chosen.duration))
    for count in counts:
        yield _cpu(f"10 visitors on {count:,} slots", same[count])
    for count in counts:
        yield _cpu(f"{count:,} visitors on {count:,} slots", full[count])
    yield Figure("the cost of a visit at 1,000 slots, of that at 10: 10 visitors", _cost(same), "×", 1.25)
    yield Figure("the cost of a visit at 1,000 slots, of that at 10: all slots busy", _cost(full), "×")


def _cpu(what: str, samples: list[Sample]) -> Figure:
    return Figure(f"fpwd, {what}", statistics.median(each.cpu["agent"] for each in samples), "µs of CPU a visit")


def _cost(samples: dict[int, list[Sample]]) -> float:
    pairs = zip(samples[1000], samples[10], strict=True)
    return statistics.median(many.cpu["agent"] / few.cpu["agent"] for many, few in pairs)


def crowds(rig: Rig, chosen: argparse.Namespace) -> Iterator[Figure]:
    """How much one machine carries, and whose CPU it is that ends it; wrk and nginx use the same cores."""
    tunnels = Tunnels(rig, [1000], rig.upstream.port)
    system = tunnels.system(1000)
    for kept in (True, False):
        for visitors in (100, 1000):
            programs = {"fpwd": tunnels.daemons[1000], "fpw-relay": tunnels.relay, "the upstream": rig.upstream}
            before = {name: cpu_seconds([program]) for name, program in programs.items()}
            load, seconds = Visits(visitors, kept), max(3, chosen.duration)
            sample = load.run(system, seconds)
            yield Figure(f"{load.title}", sample.rate, "visits/s")
            yield Figure("  99 % within", sample.p99, "ms")
            yield Figure("  failed", sample.failed, "visits", 0)
            for name, program in programs.items():
                yield Figure(f"  CPU of {name}", (cpu_seconds([program]) - before[name]) / seconds, "cores")


def waiting(rig: Rig, chosen: argparse.Namespace) -> Iterator[Figure]:
    """Visitors of a service that takes a second: as many as slots, and more."""
    port = free_port()
    slow = [sys.executable, "-Bm", "parts.slow", str(port), "1"]
    rig.lab.start(Program(slow, cwd=Path(__file__).parents[1]))
    eventually(lambda: accepts(port))
    tunnels = Tunnels(rig, [1000], port)
    for visitors in (1000, 2000, 4000):
        sample = Visits(visitors, kept=True).run(tunnels.system(1000), max(10, chosen.duration))
        yield Figure(f"{visitors:,} visitors at once, 1,000 slots, each takes 1 s: median", sample.p50 / 1e3, "s")
        yield Figure("  99 % within", sample.p99 / 1e3, "s")
        yield Figure("  failed", sample.failed, "visits", 0)
    yield Figure("  fpwd's RSS then", tunnels.daemons[1000].memory("VmHWM") / MIB, "MiB")
    yield Figure("  fpw-relay's RSS then", tunnels.relay.memory("VmHWM") / MIB, "MiB")
