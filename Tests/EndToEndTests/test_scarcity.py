"""Too few descriptors: fpwd does with less, says so, and recovers."""

import os
import resource
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from harness.program import Program, eventually
from parts.upstream import Gate


def descriptors(program: Program) -> int:
    return len(os.listdir(f"/proc/{program.pid}/fd"))


# Descriptors that no connection gets.
RESERVED = 4


def limit_descriptors(program: Program, spare: int | None) -> None:
    """So many more for connections than are open now; None: as many as before."""
    hard = resource.prlimit(program.pid, resource.RLIMIT_NOFILE)[1]
    soft = hard if spare is None else descriptors(program) + RESERVED + spare
    resource.prlimit(program.pid, resource.RLIMIT_NOFILE, (soft, hard))


def cpu_seconds(program: Program) -> float:
    fields = Path(f"/proc/{program.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@pytest.fixture
def gate(upstream):
    gate = Gate()
    upstream.on("/gate")(gate)
    yield gate
    gate.open()


def test_without_descriptors_fewer_slots_are_open_and_soon_all_are_again(tunnel, upstream, gate):
    path = tunnel(upstream, workers=2, max_workers=60)
    limit_descriptors(path.daemon, spare=5)
    with ThreadPoolExecutor(40) as crowd:
        visits = [crowd.submit(path.visitor.visit, target="/gate") for _ in range(40)]
        path.daemon.wait_for_line("out of file descriptors")
        left = resource.prlimit(path.daemon.pid, resource.RLIMIT_NOFILE)[0] - descriptors(path.daemon)
        assert left >= RESERVED, "libdispatch would end the process"
        before = cpu_seconds(path.daemon)
        time.sleep(2)
        assert cpu_seconds(path.daemon) - before < 1
        limit_descriptors(path.daemon, spare=None)
        freed = time.monotonic()
        assert path.visitor.visit(within=10).status == 200
        assert time.monotonic() - freed < 5
        gate.open()
        assert {visit.result().status for visit in visits} <= {200, 503}
    assert len(path.daemon.lines_with("out of file descriptors or memory")) == 1
    assert path.daemon.is_ready
    eventually(lambda: path.visitor.visit().status == 200)


def test_a_reply_finds_a_descriptor_although_polls_hold_all_that_there_are(tunnel, upstream, gate):
    path = tunnel(upstream, workers=2, max_workers=3, daemon={"loops": 1})
    with ThreadPoolExecutor(1) as crowd:
        visit = crowd.submit(path.visitor.visit, target="/gate")
        assert gate.holds(1)
        # A third slot polls on the connection on which the visit came.
        eventually(lambda: path.relay.metric("fpw_relay_slots", state="parked") == 2)
        limit_descriptors(path.daemon, spare=0)
        gate.open()
        assert visit.result(timeout=10).body == b"through\n"
    assert path.daemon.lines_with("out of file descriptors")
    limit_descriptors(path.daemon, spare=None)
    eventually(lambda: path.relay.metric("fpw_relay_slots", state="parked") == 3)


def test_the_admin_listener_survives_a_lack_of_descriptors(tunnel, upstream):
    path = tunnel(upstream, workers=2, max_workers=2)
    limit_descriptors(path.daemon, spare=0)
    with ThreadPoolExecutor(3) as crowd:
        for answer in [crowd.submit(path.daemon.admin, "/healthz") for _ in range(3)]:
            answer.exception()
    limit_descriptors(path.daemon, spare=None)
    eventually(lambda: path.daemon.admin("/healthz")[0] == 200)
    assert path.visitor.visit().status == 200
