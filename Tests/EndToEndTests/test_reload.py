"""SIGHUP: a changed file takes effect, and no visitor notices."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from harness.program import eventually
from parts.upstream import Gate, Upstream

TOKENS = {name: {"token": f"the-token-of-{name}-alone"} for name in ("one.test", "two.test")}


@pytest.fixture
def relay(fpw_relay):
    return fpw_relay(hosts=TOKENS)


@pytest.fixture
def table(relay, upstream):
    """A tunnel's table: of `one.test` or `two.test`, to the upstream that is shared unless another is named."""
    return lambda host, to=upstream: {
        "host": host,
        **TOKENS[host],
        "relay": relay.url,
        "upstream": to.url,
        "workers": 2,
        "max_workers": 4,
    }


@pytest.fixture
def gate(upstream):
    gate = Gate()
    upstream.on("/gate")(gate)
    yield gate
    gate.open()


def test_a_tunnel_is_added_and_the_other_is_not_touched(relay, fpwd, table, gate):
    daemon = fpwd(tunnels={"one": table("one.test")})
    daemon.wait_until_ready()
    with ThreadPoolExecutor(1) as crowd:
        visit = crowd.submit(relay.visitor("one.test").visit, target="/gate")
        assert gate.holds(1)
        daemon.reload({"one": table("one.test"), "two": table("two.test")})
        daemon.wait_for_line("reloaded", "added=1", "unchanged=1")
        eventually(lambda: relay.visitor("two.test").visit().status == 200)
        gate.open()
        assert visit.result().body == b"through\n"
    assert len(daemon.lines_with("tunnel is open", "tunnel=one")) == 1


def test_a_removed_tunnel_takes_no_more_visits_and_finishes_those_that_it_has(relay, fpwd, table, gate):
    daemon = fpwd(tunnels={"one": table("one.test"), "two": table("two.test")})
    daemon.wait_until_ready()
    with ThreadPoolExecutor(1) as crowd:
        visit = crowd.submit(relay.visitor("one.test").visit, target="/gate")
        assert gate.holds(1)
        daemon.reload({"two": table("two.test")})
        daemon.wait_for_line("reloaded", "removed=1", "unchanged=1")
        eventually(lambda: relay.metric("fpw_relay_slots", host="one.test", state="parked") == 0)
        gate.open()
        assert visit.result().body == b"through\n"
    eventually(lambda: relay.visitor("one.test").visit().status == 502)
    assert relay.visitor("two.test").visit().status == 200


def test_a_changed_upstream_takes_over_without_a_lost_visit(relay, fpwd, table):
    daemon = fpwd(tunnels={"one": table("one.test")})
    daemon.wait_until_ready()
    statuses: list[int] = []
    stop = threading.Event()

    def keep_visiting() -> None:
        while not stop.is_set():
            statuses.append(relay.visitor("one.test").visit().status)

    with Upstream() as second, ThreadPoolExecutor(4) as crowd:
        visitors = [crowd.submit(keep_visiting) for _ in range(4)]
        try:
            eventually(lambda: len(statuses) > 20)
            daemon.reload({"one": table("one.test", second)})
            eventually(lambda: len(second.requests) > 20)
        finally:
            stop.set()
        for visitor in visitors:
            visitor.result()
        daemon.stop()
    assert set(statuses) == {200}


@pytest.mark.parametrize("reloads", [1, 3])
def test_a_changed_tunnel_has_its_slots_open_before_the_old_ones_close(relay, fpwd, table, reloads):
    daemon = fpwd(tunnels={"one": table("one.test")})

    def parked() -> float:
        return relay.metric("fpw_relay_slots", host="one.test", state="parked")

    daemon.wait_until_ready()
    eventually(lambda: parked() == 2)
    for number in range(reloads):
        daemon.reload({"one": table("one.test") | {"upstream_timeout": f"{50 + number}s"}})
        eventually(lambda count=number + 1: len(daemon.lines_with("reloaded", "changed=1")) == count)
    seen: list[float] = []
    eventually(lambda: seen.append(parked()) or seen[-1] == 2 * (1 + reloads), every=0.005)
    eventually(lambda: seen.append(parked()) or seen[-1] == 2, every=0.005)
    assert min(seen) == 2, seen


def test_a_file_with_errors_changes_nothing_and_they_are_said(relay, fpwd, table):
    daemon = fpwd(tunnels={"one": table("one.test")})
    daemon.wait_until_ready()
    daemon.reload({"two": table("two.test") | {"remot": "x"}})
    daemon.wait_for_line("error", "unknown key 'remot'", "did you mean")
    daemon.wait_for_line("nothing has changed", str(daemon.file))
    assert relay.visitor("one.test").visit().status == 200
    assert daemon.metric("fpwd_config_last_reload_successful") == 0
