"""Visitors who keep coming while something happens to the programs."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

from harness.program import eventually


class Crowd:
    """Visitors who come again and again; `statuses` is what they saw."""

    def __init__(self, visitor, size=4):
        self._visitor, self._stop, self.statuses = visitor, threading.Event(), []
        self._pool = ThreadPoolExecutor(size)
        self._visitors = [self._pool.submit(self._keep_visiting) for _ in range(size)]

    def _keep_visiting(self):
        while not self._stop.is_set():
            self.statuses.append(self._visitor.visit().status)

    def see_more(self, count=20):
        enough = len(self.statuses) + count
        eventually(lambda: len(self.statuses) > enough)

    def __enter__(self):
        self.see_more()
        return self

    def __exit__(self, *_):
        self._stop.set()
        self._pool.shutdown()
        for visitor in self._visitors:
            visitor.result()
