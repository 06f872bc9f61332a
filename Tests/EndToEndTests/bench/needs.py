"""What fpwd and fpw-relay need: time to start, CPU and memory at rest, memory under load and with large bodies."""

from __future__ import annotations

import argparse
import statistics
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

from bench.loads import Transfer, Visits
from bench.processes import cpu_seconds
from bench.rig import HOSTS, MIB, QUIET, Rig
from bench.tunnels import Figure, Tunnels, fpwd, host
from harness.program import eventually
from harness.visitor import Visitor

GIB = 1 << 30
TICKS = 100  # a second, whatever the kernel counts in: a tick is 10 ms


def start_up(rig: Rig, chosen: argparse.Namespace) -> Iterator[Figure]:
    relay = rig.lab.relay(hosts=HOSTS, **QUIET)
    visitor = relay.visitor(host(10))
    times = []
    for _ in range(10):
        began = time.monotonic()
        daemon = fpwd(rig, relay, 10, rig.upstream.port)
        eventually(lambda: visitor.visit(target="/page").status == 200, every=0.001)
        times.append(time.monotonic() - began)
        daemon.stop()
    yield Figure("fpwd: start to the first visitor served, median of 10", statistics.median(times) * 1e3, "ms", 100)


def idle(rig: Rig, chosen: argparse.Namespace) -> Iterator[Figure]:
    few, many = Tunnels(rig, [10], rig.upstream.port), Tunnels(rig, [1000], rig.upstream.port)
    programs = {
        "fpwd with 10 slots": (few.daemons[10], 2),
        "fpwd with 1,000 slots": (many.daemons[1000], None),
        "fpw-relay with 10 parked polls": (few.relay, None),
        "fpw-relay with 1,000 parked polls": (many.relay, None),
    }
    time.sleep(2)
    before = {name: cpu_seconds([program]) for name, (program, _) in programs.items()}
    time.sleep(chosen.idle)
    for name, (program, at_most) in programs.items():
        used = (cpu_seconds([program]) - before[name]) * TICKS * 60 / chosen.idle
        yield Figure(f"{name}: idle CPU", used, "ticks of 10 ms a minute", at_most)
    rest, full = few.daemons[10].memory("VmRSS"), many.daemons[1000].memory("VmRSS")
    yield Figure("fpwd with 10 slots: idle RSS", rest / MIB, "MiB", 20)
    yield Figure("fpwd with 1,000 slots: idle RSS", full / MIB, "MiB")
    yield Figure("fpwd: memory of an idle slot", (full - rest) / 990 / 1024, "KiB")
    parked = many.relay.memory("VmRSS") - many.relay_at_rest
    yield Figure("fpw-relay: memory of a parked poll", parked / 1000 / 1024, "KiB")


def memory(rig: Rig, chosen: argparse.Namespace) -> Iterator[Figure]:
    tunnels = Tunnels(rig, [200], rig.upstream.port)
    sample = Visits(200, kept=True).run(tunnels.system(200), max(3, chosen.duration))
    yield Figure("fpwd with 200 slots under load: RSS", tunnels.daemons[200].memory("VmHWM") / MIB, "MiB", 40)
    yield Figure("fpw-relay with 200 slots under load: RSS", tunnels.relay.memory("VmHWM") / MIB, "MiB")
    yield Figure("200 visitors on 200 slots: failed", sample.failed, "visits", 0)


def bodies(rig: Rig, chosen: argparse.Namespace) -> Iterator[Figure]:
    """Sparse files: the disk has no part in it. Memory at rest is that after a first body each way."""
    for name, port, up in (("down", rig.upstream.port, False), ("up", rig.sink.port, True)):
        tunnels = Tunnels(rig, [1], port)
        system = tunnels.system(1)
        Transfer(up).run(system, 1)
        for size in sorted({1, chosen.gibibytes}):
            file = rig.files / f"{size}-GiB"
            with file.open("wb") as out:
                out.truncate(size * GIB)
            at_rest = {program: program.memory("VmRSS") for program in (tunnels.daemons[1], tunnels.relay)}
            for program in at_rest:
                program.forget_memory_peak()
            seconds = _move(file, system.page, up)
            yield Figure(f"{size} GiB {name} through one slot", size * 1024 / seconds, "MiB/s")
            for program, before in at_rest.items():
                growth = max(0, program.memory("VmHWM") - before) / MIB
                yield Figure(f"{size} GiB {name}: growth of {Path(program.arguments[0]).name}", growth, "MiB", 8)


def _move(file: Path, visitor: Visitor, up: bool) -> float:
    command = [
        "curl",
        "--silent",
        "--show-error",
        "--fail",
        "--output",
        "/dev/null",
        "--header",
        f"Host: {visitor.host}",
    ]
    command += ["--header", "Expect:", *(["--upload-file", str(file)] if up else [])]
    command += ["--write-out", "%{size_download} %{size_upload} %{time_total}", f"{visitor.url}{file.name}"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=1200, check=True)
    down_bytes, up_bytes, seconds = done.stdout.split()
    assert int(up_bytes if up else down_bytes) == file.stat().st_size
    return float(seconds)
