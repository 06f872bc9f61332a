"""fpwd ends, asked or not, with visits under way and more of them coming."""

import signal
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from harness.load import Load
from harness.program import eventually
from parts.upstream import Gate

DRAIN_TIMEOUT = 5


@pytest.fixture
def gate(upstream):
    gate = Gate()
    upstream.on("/gate")(gate)
    yield gate
    gate.open()


@pytest.mark.measures
def test_a_killed_daemons_visitors_get_a_page_and_the_next_daemon_serves_at_once(fault, tunnel, fpwd, upstream, gate):
    limits = {"visit_timeout": "5s", "resend_window": "2s"}
    path = tunnel(upstream, workers=20, relay=limits)

    def visit(_: int) -> tuple[int, float]:
        status = path.visitor.visit("POST", "/gate", body=b"x").status
        return status, time.monotonic()

    with fault("fpwd killed with visits under way") as row, ThreadPoolExecutor(20) as crowd:
        visits = [crowd.submit(visit, number) for number in range(20)]
        assert gate.holds(20)
        path.daemon.kill()
        killed = time.monotonic()
        fpwd(path.relay, upstream, workers=20)
        eventually(lambda: path.visitor.visit().status == 200, within=10, every=0.005)
        row.measured("the next serves after", time.monotonic() - killed, "s", at_most=1)
        statuses, ends = zip(*(visit.result() for visit in visits), strict=True)
        row.measured("of 20 with 502 or 504", sum(status in (502, 504) for status in statuses), at_least=20)
        row.measured("page after, visit_timeout being 5 s,", max(ends) - killed, "s", at_most=5)


def unanswered(load: Load) -> int:
    """Visits that the upstream had, and whose visitor did not get what it said."""
    answered = {visit.number for visit in load.visits if visit.end == "answered"}
    return len(load.seen.keys() - answered)


def stopping_time(daemon) -> float:
    started = time.monotonic()
    daemon.signal(signal.SIGTERM)
    assert daemon.exit_code(within=DRAIN_TIMEOUT + 5) == 0
    return time.monotonic() - started


@pytest.mark.measures
def test_a_stop_under_load_loses_nobody(fault, tunnel, fpwd, upstream):
    quiet = {"log_level": "warning", "drain_timeout": f"{DRAIN_TIMEOUT}s"}
    path = tunnel(upstream, workers=8, daemon=quiet, relay={"log_level": "warning"})
    stops = []
    with fault("SIGTERM under load") as row:
        with Load(path.visitor, upstream, visitors=16, takes=0.02) as load:
            load.some_more()
            stops.append(stopping_time(path.daemon))
            for _ in range(2):
                daemon = fpwd(path.relay, upstream, workers=8, daemon=quiet)
                time.sleep(1)  # The fault itself: a stop one second after the start.
                stops.append(stopping_time(daemon))
            fpwd(path.relay, upstream, workers=8, daemon=quiet)
            load.some_more()
        print(load.summary())
        row.measured("answered", load.count("answered"), at_least=200)
        row.measured("lost", load.lost, at_most=0)
        row.measured("duplicated", load.duplicated, at_most=0)
        row.measured("handed over and not answered", unanswered(load), at_most=0)
        row.measured(f"exit, drain_timeout being {DRAIN_TIMEOUT} s, after", max(stops), "s", at_most=DRAIN_TIMEOUT)


@pytest.mark.measures
def test_an_idle_daemon_stops_at_once(fault, tunnel, upstream):
    daemon = tunnel(upstream).daemon
    with fault("SIGTERM under load") as row:
        row.measured("idle exit after", stopping_time(daemon), "s", at_most=1)


class ServiceManager:
    """Does what systemd does with `Restart=always` and `RestartSec=1`."""

    def __init__(self, first, again):
        self._program, self._again = first, again
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._stopping.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._stopping.wait(0.01):
            if not self._program.is_running and not self._stopping.wait(1):
                self._program = self._again()


def test_a_killed_daemon_that_is_started_again_serves_soon(fault, tunnel, fpwd, upstream):
    path = tunnel(upstream, workers=8, relay={"visit_timeout": "5s"})
    manager = ServiceManager(path.daemon, again=lambda: fpwd(path.relay, upstream, workers=8))
    # More visitors than slots: those whose visits end with the daemon are told only when no reply has come for a while.
    with fault("SIGKILL") as row, Load(path.visitor, upstream, visitors=16) as load, manager:
        load.some_more()
        path.daemon.kill()
        killed = time.monotonic()
        load.some_more(within=20)
        answers = [visit.ended for visit in load.visits if visit.end == "answered" and visit.began > killed]
        row.measured("serving after", min(answers) - killed, "s", at_most=5)
        row.measured("duplicated", load.duplicated, at_most=0)
    print(load.summary())


def test_each_visit_of_a_killed_daemon_is_missed_soon(fault, tunnel, fpwd, upstream):
    """Its slots share their connections: a visit may have come on one that another slot has used since."""
    path = tunnel(upstream, workers=8, relay={"resend_window": "2s"})
    with fault("fpwd killed with visits under way") as row:
        with Load(path.visitor, upstream, takes=0.05, within=30) as load:
            load.some_more(200)
            path.daemon.kill()
            fpwd(path.relay, upstream, workers=8)
            load.some_more()
        row.measured("resend_window being 2 s, the last page after", load.slowest(1), "s", at_most=5)
        row.measured("duplicated", load.duplicated, at_most=0)
