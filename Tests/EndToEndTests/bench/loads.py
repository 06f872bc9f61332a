"""What visitors do to a system, and what one run of it showed."""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

from bench.rig import MIB
from bench.systems import System

SCRIPT = Path(__file__).parents[1] / "parts/bench.lua"


@dataclass(frozen=True)
class Sample:
    """One run. `rate` is visits or MiB a second, times are ms, `cpu` by role is µs a visit or ms for 100 MiB."""

    rate: float = 0
    asked: int = 0
    failed: int = 0
    p50: float = 0
    p99: float = 0
    cpu: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Visits:
    """So many visitors who ask for a page of 1 KiB again and again, with kept connections or a fresh one each time."""

    visitors: int
    kept: bool

    @property
    def key(self) -> str:
        return f"{'kept' if self.kept else 'fresh'}-{self.visitors}"

    @property
    def title(self) -> str:
        crowd = f"{self.visitors} visitor{'s' if self.visitors > 1 else ''}"
        return f"{crowd}, {'kept connections' if self.kept else 'a fresh connection each time'}"

    def run(self, system: System, seconds: int) -> Sample:
        before = system.cpu_seconds()
        told = self._wrk(system, seconds)
        cpu = {role: now - before[role] for role, now in system.cpu_seconds().items()}
        good = told["answers"] - told["errors"]
        if good <= 0:
            return Sample(asked=told["answers"] + told["broken"], failed=told["errors"] + told["broken"])
        return Sample(
            rate=good / told["seconds"],
            asked=told["answers"] + told["broken"],
            failed=told["errors"] + told["broken"],
            p50=told["p50"],
            p99=told["p99"],
            cpu={role: used * 1e6 / good for role, used in cpu.items()},
        )

    def _wrk(self, system: System, seconds: int) -> dict[str, float]:
        command = ["wrk", "-t1", f"-c{self.visitors}", f"-d{seconds}s", "--timeout=30s", "-s", SCRIPT]
        command += ["-H", f"Host: {system.page.host}"]
        command += [] if self.kept else ["-H", "Connection: close"]
        done = subprocess.run(
            [*command, f"{system.page.url}page"], capture_output=True, text=True, timeout=seconds + 30
        )
        if done.returncode != 0:
            raise ChildProcessError(f"wrk, {system.name}, {self.title}: {done.stdout}{done.stderr}")
        return json.loads(done.stdout.splitlines()[-1])


@dataclass(frozen=True)
class Transfer:
    """One visitor who moves 100 MiB again and again, as often as other loads have seconds."""

    up: bool

    @property
    def key(self) -> str:
        return "upload" if self.up else "download"

    @property
    def title(self) -> str:
        return f"100 MiB {'up' if self.up else 'down'}"

    def run(self, system: System, times: int) -> Sample:
        before = system.cpu_seconds()
        told = [self._curl(system) for _ in range(times)]
        cpu = {role: now - before[role] for role, now in system.cpu_seconds().items()}
        good = [seconds for seconds in told if seconds]
        if not good:
            return Sample(asked=times, failed=times)
        return Sample(
            rate=100 * len(good) / sum(good),
            asked=times,
            failed=times - len(good),
            cpu={role: used * 1e3 / len(good) for role, used in cpu.items()},
        )

    def _curl(self, system: System) -> float | None:
        """The seconds that it took, from the first packet to the last; None where it failed."""
        visitor = system.sink if self.up else system.page
        command = ["curl", "--silent", "--insecure", "--http1.1", "--max-time", "60", "--output", "/dev/null"]
        command += ["--header", f"Host: {visitor.host}", "--header", "Expect:"]
        command += ["--write-out", "%{http_code} %{size_download} %{size_upload} %{time_total}"]
        command += ["--upload-file", str(system.large_file)] if self.up else []
        done = subprocess.run([*command, f"{visitor.url}large"], capture_output=True, text=True, timeout=90)
        status, down, up, seconds = done.stdout.split()
        whole = int(up if self.up else down) == 100 * MIB
        return float(seconds) if done.returncode == 0 and status == "200" and whole else None


LOADS = [
    *(Visits(visitors, kept) for kept in (True, False) for visitors in (1, 10, 50)),
    Transfer(up=False),
    Transfer(up=True),
]
