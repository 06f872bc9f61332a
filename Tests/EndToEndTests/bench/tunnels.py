"""fpwd with so many slots, and figures with a limit."""

from __future__ import annotations

from dataclasses import dataclass

from bench.rig import HOSTS, QUIET, Rig
from bench.systems import System
from bench.table import number
from harness.program import Program, eventually
from harness.programs import TOKEN, Fpwd, FpwRelay
from harness.visitor import Visitor


@dataclass(frozen=True)
class Figure:
    what: str
    value: float
    unit: str
    at_most: float | None = None

    @property
    def is_within(self) -> bool:
        return self.at_most is None or self.value <= self.at_most

    @property
    def cells(self) -> list[str]:
        limit = "" if self.at_most is None else f"≤ {self.at_most:g}"
        verdict = "" if self.at_most is None else "ok" if self.is_within else "MISSED"
        return [self.what, f"{number(self.value) if self.value else '0'} {self.unit}", limit, verdict]


class Tunnels:
    """A relay, and for each number of slots an fpwd of its own that serves a host of its own."""

    def __init__(self, rig: Rig, slots: list[int], upstream_port: int):
        self.relay: FpwRelay = rig.lab.relay(hosts=HOSTS, max_body=0, queue_limit=10_000, queue_timeout="1m", **QUIET)
        self.relay_at_rest = self.relay.memory("VmRSS")
        self.daemons = {count: fpwd(rig, self.relay, count, upstream_port) for count in slots}
        for daemon in self.daemons.values():
            daemon.wait_until_ready()
        eventually(lambda: self.relay.metric("fpw_relay_slots") == sum(slots), 30, 0.1)
        self._rig = rig

    def system(self, slots: int) -> System:
        visitor = Visitor(self.relay.port, host(slots))
        programs: dict[str, list[Program]] = {"agent": [self.daemons[slots]], "relay": [self.relay]}
        return System(f"{slots} slots", f"{slots} slots", visitor, visitor, programs, self._rig.files / "large")


def host(slots: int) -> str:
    return f"slots-{slots}.bench.test"


def fpwd(rig: Rig, relay: FpwRelay, slots: int, upstream_port: int) -> Fpwd:
    table = {"host": host(slots), "token": TOKEN, "relay": relay.url, "upstream": f"http://127.0.0.1:{upstream_port}"}
    return rig.lab.fpwd(tunnels={"page": table | {"workers": slots, "max_workers": slots}}, daemon=QUIET)
