"""A cap on a program's memory, by a control group of its own."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

# The hierarchy's folder in version 1 and in version 2, and what the files are called there: limit, peak, events.
_VERSION_1 = Path("/sys/fs/cgroup/memory"), ("memory.limit_in_bytes", "memory.max_usage_in_bytes", "memory.oom_control")
_VERSION_2 = Path("/sys/fs/cgroup"), ("memory.max", "memory.peak", "memory.events")


class MemoryCap:
    """`under` starts a program under the cap: sockets' buffers and cached files count too, as the kernel does it."""

    def __init__(self, name: str, limit: int):
        found = [version for version in (_VERSION_1, _VERSION_2) if (version[0] / "cgroup.procs").exists()]
        assert found, "there are no control groups here: a cap on memory needs them"
        root, self._files = found[0]
        if (delegated := root / "cgroup.subtree_control").exists():
            delegated.write_text("+memory")
        self._folder = root / f"fpw-{os.getpid()}-{name}"
        self._limit = limit
        self.under = ["sh", "-c", 'echo $$ >"$0" && exec "$@"', self._folder / "cgroup.procs"]

    def __enter__(self) -> MemoryCap:
        self._folder.mkdir()
        (self._folder / self._files[0]).write_text(str(self._limit))
        return self

    def __exit__(self, *_) -> None:
        with contextlib.suppress(FileNotFoundError):
            self._folder.rmdir()

    @property
    def peak(self) -> int:
        return int((self._folder / self._files[1]).read_text())

    @property
    def kills(self) -> int:
        events = dict(line.split() for line in (self._folder / self._files[2]).read_text().splitlines())
        return int(events["oom_kill"])
