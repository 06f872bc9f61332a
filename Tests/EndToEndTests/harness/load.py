"""Visitors without a pause, each visit known by its number, and the count of what became of them."""

from __future__ import annotations

import contextlib
import http.client
import io
import itertools
import math
import threading
import time
from collections import Counter
from dataclasses import dataclass

from harness.program import eventually
from harness.visitor import Visitor
from parts.upstream import Request, Upstream

PATH = "/load"
ERROR_PAGES = (502, 503, 504)


@dataclass(frozen=True)
class Visited:
    """How a visit ended: `answered`, `error page`, `turned away` (no connection was had), `lost` or `two replies`."""

    number: int
    method: str
    end: str
    began: float
    ended: float
    detail: str = ""


class Load:
    """`with Load(visitor, upstream, visitors=8) as load:` keeps so many visitors busy until the block ends.

    Every other visit is a POST, or all are of one `method`. The upstream takes so many seconds, answers each with the
    number that it came with and `size` more bytes, and counts. A visitor rests for `pause` between two visits, and
    gives one up after `within`.
    """

    END = b" end"

    def __init__(
        self,
        visitor: Visitor,
        upstream: Upstream,
        visitors: int = 8,
        method: str | None = None,
        path: str = PATH,
        takes: float = 0,
        size: int = 0,
        pause: float = 0,
        within: float = 45,
    ):
        self.visits: list[Visited] = []
        self.seen: Counter[int] = Counter()
        self._visitor, self._method, self._pause, self._within = visitor, method, pause, within
        self._path, self._takes, self._size = path, takes, size
        self._numbers = itertools.count()
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._keep_visiting, daemon=True) for _ in range(visitors)]
        upstream.on(path)(self._serve)

    def __enter__(self) -> Load:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join(self._within + 5)

    # What the test asks.

    def run(self, seconds: float) -> None:
        """Lets the visitors go on so long."""
        self._stop.wait(seconds)

    def some_more(self, count: int = 50, within: float = 20) -> None:
        """Waits until so many more visits were answered."""
        enough = self.count("answered") + count
        eventually(lambda: self.count("answered") >= enough, within)

    def count(self, *ends: str) -> int:
        return sum(visit.end in ends for visit in list(self.visits))

    @property
    def lost(self) -> int:
        return self.count("lost")

    @property
    def lost_of_those_handed_over(self) -> int:
        """The upstream saw them, and their visitors got nothing right."""
        return sum(visit.number in self.seen for visit in self.visits if visit.end in ("lost", "turned away"))

    @property
    def duplicated(self) -> int:
        posts = {visit.number for visit in self.visits if visit.method == "POST"}
        return self.count("two replies") + sum(count > 1 for number, count in self.seen.items() if number in posts)

    def slowest(self, share: float, since: float = 0, until: float = math.inf) -> float:
        """The time in seconds that this share of the visits between two moments kept to: `slowest(0.99)`."""
        times = sorted(visit.ended - visit.began for visit in list(self.visits) if since <= visit.began < until)
        return times[min(len(times) - 1, int(len(times) * share))]

    def answered_after(self, moment: float) -> float:
        """From `moment` (monotonic seconds) to the first answer of the upstream that came later."""
        answers = (visit.ended for visit in list(self.visits) if visit.end == "answered")
        return min(ended for ended in answers if ended > moment) - moment

    def summary(self) -> str:
        counts = Counter(visit.end for visit in self.visits)
        strange = [visit for visit in self.visits if visit.end in ("lost", "two replies")][:10]
        return "\n".join([", ".join(f"{count} {end}" for end, count in counts.items()), *map(str, strange)])

    # What the visitors and the upstream do.

    def _serve(self, request: Request) -> None:
        request.connection.read_body(request.head)
        number = int(request.head.target.partition("?")[2])
        self.seen[number] += 1
        self._stop.wait(self._takes)
        request.respond(body=self._answer(number))

    def _answer(self, number: int) -> bytes:
        return b"%d " % number + b"x" * self._size + self.END

    def _keep_visiting(self) -> None:
        while not self._stop.is_set():
            self.visits.append(self._visit(next(self._numbers)))
            if self._pause or self.visits[-1].end != "answered":
                self._stop.wait(self._pause or 0.02)

    def _visit(self, number: int) -> Visited:
        method = self._method or ("POST" if number % 2 else "GET")
        began = time.monotonic()
        end, detail = self._ask(method, number)
        return Visited(number, method, end, began, time.monotonic(), detail)

    def _ask(self, method: str, number: int) -> tuple[str, str]:
        body = b"x" * 100 if method == "POST" else b""
        head = f"{method} {self._path}?{number} HTTP/1.1\r\nHost: {self._visitor.host}\r\nConnection: close\r\n"
        framing = f"Content-Length: {len(body)}\r\n" if body else ""
        try:
            sock = self._visitor.raw(self._within)
        except OSError as error:
            return "turned away", repr(error)
        said = b""
        with sock, contextlib.suppress(OSError):
            sock.sendall(f"{head}{framing}\r\n".encode() + body)
            while data := sock.recv(1 << 16):
                said += data
        return judged(said, self._answer(number))


class _Said(io.BytesIO):
    """Bytes as http.client reads them from a socket; what follows the response can be read after it was closed."""

    def makefile(self, *_):
        return self

    def close(self) -> None:
        pass


def judged(said: bytes, expected: bytes) -> tuple[str, str]:
    """What a visitor got who was told these bytes until the connection ended, and hoped for `expected`."""
    stream = _Said(said)
    response = http.client.HTTPResponse(stream)
    try:
        response.begin()
        body = response.read()
    except (http.client.HTTPException, OSError, ValueError) as error:
        return "lost", repr(error)
    if stream.read():
        return "two replies", repr(said[:1000])
    if response.status in ERROR_PAGES:
        return "error page", str(response.status)
    if (response.status, body) == (200, expected):
        return "answered", ""
    return "lost", repr(said[:1000])
