"""The relay, or a proxy before it, answers what it should not, for a long time."""

import time
from collections import defaultdict
from itertools import pairwise

import pytest

from harness.load import Load
from harness.programs import HOST, QUIET, TOKEN
from harness.visitor import Visitor
from parts.relay import Relay, refusing, saying


@pytest.fixture
def relays(lab):
    """As many foreign relays as asked for."""
    return lambda count: [lab.care(Relay(HOST, TOKEN)) for _ in range(count)]


def table(relay, upstream, workers=10):
    return {"relay": relay.url + "/", "upstream": upstream.url, "workers": workers, "max_workers": workers}


ERRORS = {
    "500": saying(500),
    "502": saying(502),
    "503": saying(503),
    "503 with Retry-After": saying(503, [("Retry-After", "10")]),
}


@pytest.mark.measures
@pytest.mark.timeout(100)
@pytest.mark.parametrize("seconds", [3, pytest.param(60, marks=pytest.mark.slow)])
def test_a_relay_in_trouble_is_asked_seldom(fault, relays, fpwd, upstream, seconds):
    troubled = dict(zip(ERRORS, relays(len(ERRORS)), strict=True))
    for error, relay in troubled.items():
        relay.script(ERRORS[error], times=10_000)
    tables = {f"tunnel-{number}": table(relay, upstream) for number, relay in enumerate(troubled.values())}
    with fault("relay answers 5xx for a minute") as row:
        daemon = fpwd(tunnels=tables)
        time.sleep(seconds)
        for error, relay in troubled.items():
            row.measured(f"{error}: requests in {seconds} s", len(relay.posts), at_most=60)
        row.measured("CPU", 100 * daemon.cpu_seconds / seconds, "%", at_most=2)


@pytest.mark.timeout(400)
@pytest.mark.parametrize("held", [1.5, pytest.param(100, marks=pytest.mark.slow)])
def test_polls_that_a_proxy_cuts_again_and_again_are_normal(fault, relay_part, fpwd, upstream, held):
    relay_part.hold, relay_part.idle_answer = held, (524, (), b"")
    with fault("524 after 100 s idle, again and again") as row:
        daemon = fpwd(tunnels={"demo": table(relay_part, upstream)})
        assert relay_part.wait_for_posts(31, within=4 * held)
        polls = defaultdict(list)
        for post in relay_part.posts:
            polls[post.head.get("fpw-slot")].append(post.arrived)
        away = [later - first - held for times in polls.values() for first, later in pairwise(times)]
        row.measured(f"after {held:g} s, longest time without the slot", max(away), "s", at_most=0.5)
        row.measured("slots", len(polls), at_most=10, at_least=10)
        row.measured("lines above debug", len(daemon.lines) - lines_at_start(daemon), at_most=0)


def lines_at_start(daemon) -> int:
    return 1 + next(number for number, line in enumerate(daemon.lines) if "tunnel is open" in line)


@pytest.mark.timeout(200)
@pytest.mark.parametrize("seconds", [3, pytest.param(130, marks=pytest.mark.slow)])
def test_a_refused_token_is_said_once_a_minute(fault, relays, fpwd, upstream, seconds):
    refusals = dict(zip((401, 403), relays(2), strict=True))
    for status, relay in refusals.items():
        relay.script(saying(status, body=b"no"), times=10_000)
    tables = {f"tunnel-{status}": table(relay, upstream, workers=5) for status, relay in refusals.items()}
    with fault("401/403") as row:
        daemon = fpwd(tunnels=tables)
        for status in refusals:
            daemon.wait_for_line(f"tunnel=tunnel-{status}", HOST, "token", f": {status} ")
        time.sleep(seconds)
        for status, relay in refusals.items():
            lines = len(daemon.lines_with(f"tunnel=tunnel-{status}"))
            row.measured(f"{status}: lines in {seconds} s", lines, at_most=1 + seconds // 60)
            row.measured("requests", len(relay.posts), at_most=10 + seconds // 60)
        row.measured("/readyz", daemon.admin("/readyz")[0], at_least=503, at_most=503)
    assert TOKEN not in daemon.text


@pytest.mark.parametrize("status", [400, 413, 431, 502])
def test_a_refused_reply_harms_nobody_else(fault, relay_part, fpwd, upstream, status):
    """As nginx does, the answer comes before the reply was read, and the connection is closed."""
    daemon = fpwd(relay_part, upstream, workers=4, daemon=QUIET)
    assert relay_part.wait_for_parked(4)
    with fault("one visit that the front proxy refuses") as row:
        with Load(Visitor(relay_part.port, HOST), upstream, visitors=3) as load:
            load.some_more()
            for _ in range(10):
                visit = relay_part.start_visit(target="/echo", body=bytes(10_000))
                relay_part.script(refusing(status), on=lambda post, rid=visit.rid: post.rid == rid)
                assert visit.reply().status in (200, 502)
            load.some_more()
        row.measured(f"{status}: the others' visits", len(load.visits))
        row.measured("not answered", len(load.visits) - load.count("answered"), at_most=0)
        row.measured("duplicated", load.duplicated, at_most=0)
        row.measured("slowest", load.slowest(1), "s", at_most=1)
        assert relay_part.wait_for_parked(4)
    assert daemon.is_ready
    assert not [line for line in daemon.lines if line.split()[1] == "error"]
