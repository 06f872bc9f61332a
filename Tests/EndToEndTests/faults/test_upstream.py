"""What an upstream's trouble costs: its own visitors a page, nobody else anything."""

import contextlib
import http.client
import random
import socket
import statistics
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest

from harness.program import eventually, free_port
from harness.programs import Mortal


def test_a_slow_upstream_is_504_and_holds_nobody_else(fault, tunnel, upstream):
    upstream.on("/slow")(lambda request: request.connection.peer_leaves(20))
    visitor = tunnel(upstream, workers=20, upstream_timeout="1s").visitor
    late: list[float] = []
    ratios: list[float] = []
    with fault("upstream slow") as row, ThreadPoolExecutor(8) as crowd:
        # Whatever else this machine does meets some rounds only; what the slow visits hold up is held up in each.
        while len(ratios) < 3 or ((min(ratios) > 2 or min(late) > 250) and len(ratios) < 6):
            baseline = p99(waits(visitor, 200, "/", visits=500))
            before = len(upstream.seen("/slow"))
            slow = [crowd.submit(waits, visitor, 504, "/slow", visits=1) for _ in range(8)]
            eventually(lambda before=before: len(upstream.seen("/slow")) == before + 8)
            ratios.append(p99(waits(visitor, 200, "/", visits=500)) / baseline)
            late.append(max(wait - 1 for visits in slow for wait in visits.result()) * 1000)
        row.measured("504 after upstream_timeout of 1 s and", min(late), "ms", at_most=250)
        row.measured("others' p99 / baseline", min(ratios), at_most=2)


def waits(visitor, status: int, target: str, visits: int) -> list[float]:
    """How long each of some visits, one after the other, waited for its answer of this status."""
    seconds = []
    for _ in range(visits):
        started = time.monotonic()
        assert visitor.visit(target=target).status == status
        seconds.append(time.monotonic() - started)
    return seconds


def p99(seconds: list[float]) -> float:
    return statistics.quantiles(seconds, n=100)[-1]


def test_a_refused_connection_is_502_at_once(fault, tunnel):
    visitor = tunnel(f"http://127.0.0.1:{free_port()}", workers=1).visitor
    with fault("upstream down (refused / silent address)") as row:
        row.measured("502 after", max(waits(visitor, 502, "/", visits=50)) * 1000, "ms", at_most=100)


def test_a_silent_address_is_504_at_connect_timeout(fault, tunnel):
    with silent_address() as port, fault("upstream down (refused / silent address)") as row:
        visitor = tunnel(f"http://127.0.0.1:{port}", workers=1, connect_timeout="1s").visitor
        beyond = max(waits(visitor, 504, "/", visits=3)) - 1
        row.measured("504 after connect_timeout of 1 s and", beyond * 1000, "ms", at_most=250)


@contextlib.contextmanager
def silent_address():
    """A port that answers no SYN: its listener has one connection that it never accepts and room for no other."""
    with contextlib.ExitStack() as sockets:
        listener = sockets.enter_context(socket.create_server(("127.0.0.1", 0), backlog=0))
        port = listener.getsockname()[1]
        for _ in range(2):
            filling = sockets.enter_context(socket.socket())
            filling.setblocking(False)
            filling.connect_ex(("127.0.0.1", port))
        yield port


def test_a_kept_connection_that_closes_as_a_request_goes_out_costs_no_get_and_repeats_no_post(fault, tunnel, upstream):
    chance = random.Random(1)

    @upstream.on("/race")
    def _(request):
        request.connection.read_body(request.head)
        request.respond()
        time.sleep(chance.random() * 0.002)
        request.connection.close()

    visitor = tunnel(upstream, workers=8).visitor

    def statuses(method: str) -> Counter[int]:
        with ThreadPoolExecutor(8) as crowd:
            return Counter(crowd.map(lambda number: visitor.visit(method, f"/race?{number}").status, range(1500)))

    with fault("upstream closes an idle kept connection as a request goes out") as row:
        gets, posts = statuses("GET"), statuses("POST")
        row.measured("GETs of 1,500 not answered", 1500 - gets[200], at_most=0)
        row.measured("POSTs of 1,500 without answer or page", 1500 - posts[200] - posts[502], at_most=0)
        seen = Counter(request.head.target for request in upstream.seen("/race") if request.head.method == "POST")
        row.measured("POSTs duplicated", sum(count > 1 for count in seen.values()), at_most=0)
        row.measured("POSTs that met a closing connection", posts[502], at_least=1)


@pytest.fixture
def mortal(lab):
    return lab.start(Mortal())


def test_no_answer_of_an_upstream_that_is_killed_looks_complete(fault, tunnel, mortal):
    visitor = tunnel(mortal, workers=8).visitor

    took: list[float] = []

    def outcome(target: str) -> str:
        started = time.monotonic()
        try:
            answer = visitor.visit(target=target)
        except (http.client.HTTPException, OSError):
            return "broken"
        finally:
            took.append(time.monotonic() - started)
        return "502" if answer.status == 502 else f"{target}: {answer.status} with {len(answer.body)} bytes"

    chance = random.Random(1)
    with fault("upstream killed mid-body") as row, ThreadPoolExecutor(8) as crowd:
        outcomes = Counter(crowd.map(outcome, [place_to_die(chance) for _ in range(1000)]))
        row.measured("502 pages", outcomes.pop("502"), at_least=100)
        row.measured("broken transfers", outcomes.pop("broken"), at_least=100)
        row.measured("complete-looking answers", outcomes.total(), at_most=0)
        row.measured("longest wait", max(took), "s", at_most=5)
        print(outcomes)


def place_to_die(chance: random.Random) -> str:
    size = chance.choice([1, 1000, 60_000, 70_000, 300_000, 2_000_000])
    if chance.random() < 0.5:
        return f"/length/{size}/{chance.randrange(size)}"
    return f"/chunked/{size}/{chance.randint(0, size)}"
