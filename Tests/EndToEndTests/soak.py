"""The soak: mixed visits for as long as one likes, and what becomes of memory and descriptors meanwhile.

    make soak DURATION=20m

Samples both programs once a second. After the warm-up (5 minutes, or half of a shorter run) a straight line is
laid through the samples by least squares. It may rise by 1 MB an hour in a run of two hours or more, by 1 MiB in all in
a shorter one; descriptors may not rise. Every answer is looked at.
"""

from __future__ import annotations

import contextlib
import re
import statistics
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path

from harness.lab import Lab, Tunnel
from harness.load import Load
from harness.program import Program
from parts.upstream import Upstream

MIB = 1 << 20
LONG_RUN = 2 * 3600


def seconds(duration: str) -> float:
    """`90s`, `20m` or `2h`."""
    match = re.fullmatch(r"(\d+)([smh])", duration)
    if not match:
        sys.exit(f"DURATION={duration} is no duration: write 90s, 20m or 2h")
    return int(match[1]) * {"s": 1, "m": 60, "h": 3600}[match[2]]


class Samples:
    """A program's memory and descriptors, second by second."""

    def __init__(self, program: Program):
        self.program = program
        self.times: list[float] = []
        self.resident: list[int] = []
        self.descriptors: list[int] = []

    def take(self, at: float) -> None:
        self.times.append(at)
        self.resident.append(self.program.memory("VmRSS"))
        self.descriptors.append(self.program.descriptors)

    def rise(self, values: list[int], since: float) -> float:
        """What the line through the samples since then rises by, in all."""
        first = next(index for index, time in enumerate(self.times) if time >= since)
        slope = statistics.linear_regression(self.times[first:], values[first:]).slope
        return slope * (self.times[-1] - since)


def large_visits(path: Tunnel, stop: threading.Event) -> None:
    """Bodies that stream, both ways, and visitors who leave in the middle."""
    while not stop.wait(0.5):
        body = bytes(MIB)
        assert path.visitor.visit("POST", "/echo", body=body).body.endswith(body)
        with path.visitor.open("POST", "/echo", body=body) as response:
            response.read(1000)


@dataclass
class Figures:
    """Of one program: what was in use at the end, and by how much it rose after the warm-up."""

    program: str
    resident: float
    resident_rise: float
    resident_rise_per_hour: float
    descriptors: int
    descriptors_rise: float

    @classmethod
    def of(cls, samples: Samples, since: float) -> Figures:
        rise = samples.rise(samples.resident, since)
        return cls(
            program=Path(samples.program.arguments[0]).name,
            resident=samples.resident[-1] / MIB,
            resident_rise=rise / MIB,
            resident_rise_per_hour=rise / 1e6 * 3600 / (samples.times[-1] - since),
            descriptors=samples.descriptors[-1],
            descriptors_rise=samples.rise(samples.descriptors, since),
        )

    def __str__(self) -> str:
        return (
            f"{self.program:10} RSS {self.resident:.1f} MiB, rise {self.resident_rise:+.2f} MiB in all, "
            f"{self.resident_rise_per_hour:+.2f} MB/h; "
            f"descriptors {self.descriptors}, rise {self.descriptors_rise:+.1f}"
        )


@dataclass
class Soaked:
    duration: float
    visits: int
    lost: int
    figures: list[Figures]

    @property
    def is_steady(self) -> bool:
        """Whether the figures are within their limits, and nobody was lost."""
        rises = [
            each.resident_rise_per_hour if self.duration >= LONG_RUN else each.resident_rise for each in self.figures
        ]
        return max(rises) <= 1 and max(each.descriptors_rise for each in self.figures) < 2 and self.lost == 0


def soak(path: Tunnel, upstream: Upstream, duration: float) -> Soaked:
    samples = [Samples(path.daemon), Samples(path.relay)]
    stop = threading.Event()
    large = threading.Thread(target=large_visits, args=[path, stop], daemon=True)
    large.start()
    started = time.monotonic()
    visits = lost = 0
    while (elapsed := time.monotonic() - started) < duration:
        # A load of its own for each minute: what it remembers of its visits does not grow with the hours.
        with Load(path.visitor, upstream, visitors=4, pause=0.01) as load:
            while time.monotonic() - started < min(duration, elapsed + 60):
                upstream.requests.clear()
                load.run(1)
                for each in samples:
                    each.take(time.monotonic() - started)
        visits += len(load.visits)
        lost += load.lost + load.duplicated
        print(f"{time.monotonic() - started:7.0f} s  {visits} visits  {load.summary()}", flush=True)
    assert large.is_alive(), "a large visit failed"
    stop.set()
    large.join()
    return Soaked(duration, visits, lost, [Figures.of(each, since=min(300, duration / 2)) for each in samples])


def main() -> None:
    duration = seconds(sys.argv[1])
    with tempfile.TemporaryDirectory() as folder, contextlib.ExitStack() as ending, Upstream() as upstream:
        lab = Lab(ending, Path(folder))
        path = lab.tunnel(upstream, relay={"log_level": "warning"}, daemon={"log_level": "warning"}, workers=8)
        soaked = soak(path, upstream, duration)
    print(f"\n{soaked.visits} visits, {soaked.lost} lost or duplicated; after the warm-up:")
    print(*soaked.figures, sep="\n")
    if not soaked.is_steady:
        sys.exit("The figures are beyond their limits.")


if __name__ == "__main__":
    main()
