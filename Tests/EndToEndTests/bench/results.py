"""The samples of all rounds, and what is computed from them."""

from __future__ import annotations

import statistics
from collections.abc import Callable
from dataclasses import asdict, dataclass, field

from bench.loads import Sample

Pick = Callable[[Sample], float]


@dataclass
class Results:
    """A sample for each round, by system and load; memory in bytes by system and role."""

    samples: dict[str, dict[str, list[Sample]]] = field(default_factory=dict)
    memory: dict[str, dict[str, int]] = field(default_factory=dict)

    def add(self, system: str, load: str, sample: Sample) -> None:
        self.samples.setdefault(system, {}).setdefault(load, []).append(sample)

    def of(self, system: str, load: str) -> list[Sample]:
        return self.samples.get(system, {}).get(load, [])

    def median(self, system: str, load: str, pick: Pick) -> float | None:
        """None where no round of it succeeded."""
        values = [pick(sample) for sample in self.of(system, load) if sample.rate]
        return statistics.median(values) if values else None

    def spread(self, system: str, load: str) -> float | None:
        """Half the distance between the rounds' best and worst rate, as a share of their median."""
        rates = [sample.rate for sample in self.of(system, load) if sample.rate]
        return (max(rates) - min(rates)) / 2 / statistics.median(rates) if rates else None

    def ratio(self, system: str, base: str, load: str, pick: Pick) -> float | None:
        """The median of the rounds' ratios: within a round both were measured soon after each other."""
        pairs = zip(self.of(system, load), self.of(base, load), strict=False)  # empty where one was not run
        ratios = [pick(ours) / pick(theirs) for ours, theirs in pairs if ours.rate and theirs.rate and pick(theirs)]
        return statistics.median(ratios) if ratios else None

    def failed_share(self, system: str, load: str | None = None) -> float:
        samples = [
            sample for key, rounds in self.samples.get(system, {}).items() if load in (None, key) for sample in rounds
        ]
        return sum(sample.failed for sample in samples) / max(1, sum(sample.asked for sample in samples))

    @classmethod
    def read(cls, plain: dict) -> Results:
        """What `plain` gave."""
        samples = {
            system: {load: [Sample(**sample) for sample in rounds] for load, rounds in loads.items()}
            for system, loads in plain["samples"].items()
        }
        return cls(samples, plain["memory"])

    def plain(self) -> dict[str, object]:
        """As JSON has it."""
        return asdict(self)


def rate(sample: Sample) -> float:
    return sample.rate


def p50(sample: Sample) -> float:
    return sample.p50


def p99(sample: Sample) -> float:
    return sample.p99


def cpu(role: str) -> Pick:
    return lambda sample: sample.cpu.get(role, 0)
