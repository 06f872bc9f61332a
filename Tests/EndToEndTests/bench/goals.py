"""How fast it must be, and against what: ratios measured in one run, side by side."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from bench.results import Results, cpu, p50, rate


@dataclass(frozen=True)
class Column:
    """The same goals for another way to the relay: which systems are looked at."""

    fpwd: str
    others: str

    def __call__(self, system: str) -> str:
        return self.fpwd if system == "fpwd" else system + self.others


Measure = Callable[[Results, Column], float | None]


@dataclass(frozen=True)
class Limit:
    measure: Measure
    unit: str
    at_most: float | None = None
    at_least: float | None = None
    aimed_at: float | None = None

    def is_met(self, value: float) -> bool:
        return (self.at_most is None or value <= self.at_most) and (self.at_least is None or value >= self.at_least)

    @property
    def text(self) -> str:
        sign, bound = ("≤", self.at_most) if self.at_most is not None else ("≥", self.at_least)
        aim = f", aimed at {self.aimed_at:g}" if self.aimed_at is not None else ""
        return f"{sign} {bound:g} {self.unit}{aim}"


@dataclass(frozen=True)
class Goal:
    """Met where one of its limits is."""

    name: str
    limits: tuple[Limit, ...]

    @property
    def text(self) -> str:
        return " or ".join(limit.text for limit in self.limits)

    def judge(self, results: Results, column: Column) -> Verdict | None:
        """None where it was not measured."""
        values = [limit.measure(results, column) for limit in self.limits]
        if None in values:
            return None
        pairs = list(zip(self.limits, values, strict=True))
        text = ", ".join(f"{value:.3g} {limit.unit.split()[0]}" for limit, value in pairs)
        return Verdict(self.name, self.text, text, values, any(limit.is_met(value) for limit, value in pairs))


@dataclass(frozen=True)
class Verdict:
    goal: str
    limit: str
    measured: str
    values: list[float]
    is_met: bool


def _ratio(system: str, base: str, load: str, pick) -> Measure:
    return lambda results, column: results.ratio(column(system), column(base), load, pick)


def _value(system: str, load: str, pick) -> Measure:
    return lambda results, column: results.median(column(system), load, pick)


def _against_proxy(load: str, pick, **bounds: float) -> Limit:
    return Limit(_ratio("fpwd", "nginx", load, pick), "× nginx proxy", **bounds)


def _agents_cpu(load: str) -> Limit:
    return Limit(_ratio("fpwd", "limit", load, cpu("agent")), "× limit-agent", at_most=1.25)


GOALS = [
    Goal("fpwd's CPU a visit, kept connections", (_agents_cpu("kept-50"),)),
    Goal("fpwd's CPU a visit, fresh connections", (_agents_cpu("fresh-50"),)),
    Goal(
        "fpw-relay's CPU a visit, kept connections",
        (
            Limit(_value("fpwd", "kept-50", cpu("relay")), "µs", at_most=30),
            _against_proxy("kept-50", cpu("relay"), at_most=2.3),
        ),
    ),
    Goal("visits/s of 50 visitors, kept connections", (_against_proxy("kept-50", rate, at_least=0.27, aimed_at=0.30),)),
    Goal(
        "visits/s of 50 visitors, fresh connections", (_against_proxy("fresh-50", rate, at_least=0.36, aimed_at=0.40),)
    ),
    Goal("median time of 1 visitor", (_against_proxy("kept-1", p50, at_most=2),)),
    Goal("100 MiB down", (_against_proxy("download", rate, at_least=0.5),)),
    Goal("100 MiB up", (_against_proxy("upload", rate, at_least=0.5),)),
]
COLUMNS = {
    "plain": Column("fpwd", ""),
    "TLS": Column("fpwd-tls", "-tls"),
    "TLS and HTTP/2": Column("fpwd-http2", "-tls"),
}


def verdicts(results: Results) -> dict[str, dict[str, Verdict]]:
    """By goal and column, as far as it was measured."""
    judged = {goal.name: {name: goal.judge(results, column) for name, column in COLUMNS.items()} for goal in GOALS}
    return {
        name: {column: verdict for column, verdict in columns.items() if verdict} for name, columns in judged.items()
    }
