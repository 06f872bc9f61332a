"""A real Prometheus scrapes both programs through a scripted outage: the alerts fire, and are gone afterwards."""

import contextlib
import resource
import signal
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager

import pytest

from harness.lab import Lab
from harness.program import Program, eventually, free_port
from harness.programs import HOST, Fpwd, FpwRelay
from harness.prometheus import Dashboard, Prometheus
from parts.upstream import Gate, Upstream

BROKEN = "broken.example.test"
TOKENS = {host: {"token": f"the-token-of-{host}-alone"} for host in (HOST, BROKEN)}


class Site:
    """Both programs with two tunnels: `demo`, which works, and `broken`, behind which nothing listens."""

    def __init__(self, lab: Lab, upstream: Upstream):
        self._lab = lab
        self.gate = Gate()
        upstream.on("/gate")(self.gate)
        self._health = 200
        upstream.on("/health")(lambda request: request.respond(self._health))
        self.relay = lab.relay(hosts=TOKENS)
        self.daemon = lab.fpwd(
            tunnels={
                "demo": self._table(HOST, upstream.url) | {"health_path": "/health", "health_interval": "1s"},
                "broken": self._table(BROKEN, f"http://127.0.0.1:{free_port()}"),
            }
        )
        self.daemon.wait_until_ready()

    @property
    def troubles(self) -> list[Callable[[], AbstractContextManager[None]]]:
        return [
            self.every_slot_busy,
            self.visits_in_vain,
            self.an_upstream_that_is_not_well,
            self.refused_files,
            self.few_descriptors_left,
        ]

    def _table(self, host: str, upstream: str) -> dict[str, object]:
        slots = {"workers": 2, "max_workers": 2}
        return {"host": host, "relay": self.relay.url, "upstream": upstream, **TOKENS[host], **slots}

    def start_again(self, program: Fpwd | FpwRelay) -> Program:
        """The same program with the same file, so at the same addresses."""
        return self._lab.start(Program(program.arguments))

    @contextlib.contextmanager
    def every_slot_busy(self) -> Iterator[None]:
        """Two visitors who are being served, and others who wait."""
        with ThreadPoolExecutor(25) as crowd:
            visits = [crowd.submit(self.relay.visitor().visit, target="/gate") for _ in range(25)]
            try:
                assert self.gate.holds(2)
                eventually(lambda: self.relay.metric("fpw_relay_waiting_visitors", host=HOST) == 23)
                yield
            finally:
                self.gate.open()
            assert [visit.result().status for visit in visits] == [200] * 25

    @contextlib.contextmanager
    def visits_in_vain(self) -> Iterator[None]:
        """Visitors of the broken tunnel, a worker with a wrong token, and somebody who speaks no HTTP."""
        over = threading.Event()
        wrong = [("fpw-host", HOST), ("fpw-token", "not-the-token")]

        def keep_visiting() -> None:
            while not over.wait(0.05):
                assert self.relay.visitor(BROKEN).visit().status == 502
                assert self.relay.visitor().visit("POST", fields=wrong, body=b"").status in (403, 429)
                assert self.relay.visitor().say(b"no http\r\n\r\n").startswith(b"HTTP/1.1 400 ")

        with ThreadPoolExecutor(1) as crowd:
            visiting = crowd.submit(keep_visiting)
            try:
                yield
            finally:
                over.set()
                visiting.result()

    @contextlib.contextmanager
    def an_upstream_that_is_not_well(self) -> Iterator[None]:
        self._health = 503
        yield
        self._health = 200

    @contextlib.contextmanager
    def refused_files(self) -> Iterator[None]:
        programs = self.daemon, self.relay
        correct = [program.file.read_text() for program in programs]
        for program, text in zip(programs, correct, strict=True):
            program.file.write_text(text + "remot = 1\n")
            program.signal(signal.SIGHUP)
        yield
        for program, text in zip(programs, correct, strict=True):
            program.file.write_text(text)
            program.signal(signal.SIGHUP)

    @contextlib.contextmanager
    def few_descriptors_left(self) -> Iterator[None]:
        before = resource.prlimit(self.relay.pid, resource.RLIMIT_NOFILE)
        # The alert is for 80 %; the last four are kept from connections.
        enough = int(self.relay.metric("process_open_fds") * 1.2)
        resource.prlimit(self.relay.pid, resource.RLIMIT_NOFILE, (enough, before[1]))
        yield
        resource.prlimit(self.relay.pid, resource.RLIMIT_NOFILE, before)


@pytest.fixture
def site(lab, upstream) -> Site:
    return Site(lab, upstream)


@pytest.fixture
def prometheus(lab, site, tmp_path) -> Prometheus:
    return lab.start(Prometheus(tmp_path, site.daemon, site.relay))


@pytest.mark.timeout(180)
def test_the_alerts_fire_in_an_outage_and_are_gone_after_it(site, prometheus):
    dashboard = Dashboard()
    assert len(dashboard.expressions) > 20

    def without_data() -> set[str]:
        return {expression for expression in dashboard.expressions if not prometheus.query(expression)}

    with contextlib.ExitStack() as outage:
        for trouble in site.troubles:
            outage.enter_context(trouble())
        alerts = prometheus.wait_for_alerts(
            ("FpwdSlotsExhausted", "demo"),
            ("FpwRelayVisitorsWaiting", HOST),
            ("FpwdUpstreamErrors", "broken"),
            ("FpwdUpstreamUnhealthy", "demo"),
            ("FpwRelayRefusedTokens", ""),
            ("FpwdReloadFailed", ""),
            ("FpwRelayReloadFailed", ""),
            ("FpwDescriptorsNearLimit", ""),
        )
        empty = without_data()
    prometheus.wait_for_alerts()

    site.relay.kill()
    alerts += prometheus.wait_for_alerts(("FpwRelayDown", ""), ("FpwdTunnelDown", "demo"), ("FpwdTunnelDown", "broken"))
    empty &= without_data()
    site.start_again(site.relay)
    prometheus.wait_for_alerts()

    site.daemon.stop()
    alerts += prometheus.wait_for_alerts(
        ("FpwdDown", ""), ("FpwRelayHostOffline", HOST), ("FpwRelayHostOffline", BROKEN)
    )
    site.start_again(site.daemon)
    prometheus.wait_for_alerts()

    assert empty == set(), "a part of the dashboard has shown nothing all the time"
    for alert in alerts:
        text = " ".join(alert["annotations"].values())
        assert alert["labels"]["instance"] in text
        assert "<" not in text, f"a template that cannot be filled in: {text}"
