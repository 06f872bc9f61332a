"""No descriptor is left, in one program and in the other, and then there are some again."""

import contextlib
import http.client
import resource
import time
from concurrent.futures import ThreadPoolExecutor

from harness.program import Program, eventually
from harness.visitor import Visitor
from parts.upstream import Gate

FAULT = "out of file descriptors"

# Descriptors that no connection of fpwd gets.
RESERVED = 4


def allow_descriptors(program: Program, count: int | None) -> None:
    """Lets the program open so many more than it has open now, or all that it may (None)."""
    _, hard = resource.prlimit(program.pid, resource.RLIMIT_NOFILE)
    soft = hard if count is None else program.descriptors + count
    resource.prlimit(program.pid, resource.RLIMIT_NOFILE, (soft, hard))


def cpu_share(program: Program, seconds: float) -> float:
    """Per cent of one CPU, over so many seconds of the fault."""
    before = program.cpu_seconds
    time.sleep(seconds)
    return 100 * (program.cpu_seconds - before) / seconds


def recovery(program: Program, visitor: Visitor) -> float:
    """From the moment when there are descriptors again to an answer."""
    allow_descriptors(program, None)
    started = time.monotonic()
    eventually(lambda: answers(visitor), within=20, every=0.005)
    return time.monotonic() - started


def answers(visitor: Visitor) -> bool:
    try:
        return visitor.visit(within=0.2).status == 200
    except (OSError, http.client.HTTPException):
        return False


def test_a_daemon_without_descriptors_polls_fewer_and_says_so(fault, tunnel, upstream):
    gate = Gate()
    upstream.on("/gate")(gate)
    path = tunnel(upstream, workers=4, max_workers=40)
    eventually(lambda: path.relay.metric("fpw_relay_slots", state="parked") == 4)
    with fault(FAULT) as row, ThreadPoolExecutor(40) as crowd:
        allow_descriptors(path.daemon, RESERVED + 3)
        visits = [crowd.submit(path.visitor.visit, target="/gate") for _ in range(40)]
        path.daemon.wait_for_line("out of file descriptors", "fewer slots")
        row.measured("fpwd: of a CPU meanwhile", cpu_share(path.daemon, 3), "%", at_most=20)
        row.measured("fpwd: lines about slots", len(path.daemon.lines_with("fewer slots")), at_most=3)
        gate.open()
        row.measured("fpwd: serving after", recovery(path.daemon, path.visitor), "s", at_most=1)
        proper = [visit.result().status in (200, 502, 503, 504) for visit in visits]
        row.measured("fpwd: of 40 visitors with an answer or a page", sum(proper), at_least=40)
        again = [crowd.submit(path.visitor.visit) for _ in range(40)]
        row.measured("fpwd: of 40 answered afterwards", sum(v.result().status == 200 for v in again), at_least=40)
    assert path.daemon.is_running


def test_a_relay_without_descriptors_goes_on(fault, tunnel, upstream):
    path = tunnel(upstream, workers=4)
    with fault(FAULT) as row, contextlib.ExitStack() as crowd:
        allow_descriptors(path.relay, 5)
        for _ in range(30):
            crowd.enter_context(path.visitor.raw())
        row.measured("fpw-relay: of a CPU meanwhile", cpu_share(path.relay, 3), "%", at_most=20)
        crowd.close()
        row.measured("fpw-relay: serving after", recovery(path.relay, path.visitor), "s", at_most=1)
    assert path.daemon.is_ready
