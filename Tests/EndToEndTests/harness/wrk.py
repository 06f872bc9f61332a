"""wrk: visitors by the hundred thousand."""

from __future__ import annotations

import json
import subprocess
from collections import Counter
from pathlib import Path

from harness.visitor import Visitor

SCRIPT = Path(__file__).parents[1] / "parts/load.lua"


class Wrk:
    """So many visitors for so many seconds, each with a connection that it keeps. `answers` waits for the end."""

    def __init__(self, visitor: Visitor, path: str = "/page", visitors: int = 16, seconds: int = 5):
        url = visitor.url.rstrip("/") + path
        options = ["-t1", f"-c{visitors}", f"-d{seconds}s", "--timeout=30s", "-H", f"Host: {visitor.host}"]
        self._limit = seconds + 60
        self._process = subprocess.Popen(
            ["wrk", *options, "-s", SCRIPT, url], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )

    def answers(self) -> Counter[str]:
        """Answers by status; `none` are those that never came."""
        said, _ = self._process.communicate(timeout=self._limit)
        return Counter(json.loads(said.splitlines()[-1]))
