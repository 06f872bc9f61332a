"""What programs have used so far, their children included: nginx's workers, sshd's sessions."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable
from pathlib import Path

from harness.program import Program


def family(programs: Iterable[Program]) -> set[int]:
    """The process ids of programs and of all that descends from them."""
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            pid, parent = int(entry.parent.name), int(_stat(entry)[1])
            children.setdefault(parent, []).append(pid)
    found, open_ends = set(), [program.pid for program in programs]
    while open_ends:
        pid = open_ends.pop()
        found.add(pid)
        open_ends += children.get(pid, [])
    return found


def cpu_seconds(programs: Iterable[Program]) -> float:
    """CPU time in seconds, in the kernel too; of processes that have ended, what their parents waited for (proc(5))."""
    ticks = 0
    for pid in family(programs):
        with contextlib.suppress(OSError):
            ticks += sum(int(field) for field in _stat(Path(f"/proc/{pid}/stat"))[11:15])
    return ticks / os.sysconf("SC_CLK_TCK")


def memory(programs: Iterable[Program], field: str) -> int:
    """`VmRSS` or `VmHWM` in bytes, added up: pages that processes share count for each."""
    total = 0
    for pid in family(programs):
        with contextlib.suppress(OSError):
            status = Path(f"/proc/{pid}/status").read_text()
            total += sum(int(line.split()[1]) << 10 for line in status.splitlines() if line.startswith(field + ":"))
    return total


def _stat(file: Path) -> list[str]:
    """The fields of a process's `stat` from the third on: names may hold blanks."""
    return file.read_text().rpartition(")")[2].split()
