"""SIGHUP a hundred times a second, with good files and bad ones, while visitors keep coming."""

import time
from collections import Counter
from dataclasses import dataclass

import pytest

from harness.program import Program, eventually
from harness.programs import HOST, TOKEN, Table
from harness.wrk import Wrk

HOSTS = {HOST: {"token": TOKEN}, "other.test": {"token": "the-token-of-the-other"}}
MIB = 1 << 20


@dataclass
class Size:
    resident: int
    descriptors: int

    @classmethod
    def of(cls, program: Program) -> "Size":
        return cls(program.memory("VmRSS"), program.descriptors)


@pytest.fixture
def files(fpw_relay, nginx_files):
    """The relay, and the files that fpwd is given in turn."""
    relay = fpw_relay(hosts=HOSTS, log_level="warning")
    tunnel: Table = {"relay": relay.url, "upstream": f"http://127.0.0.1:{nginx_files[0].port}", "workers": 8}
    other = tunnel | {"host": "other.test", "token": "the-token-of-the-other", "workers": 2}
    return relay, [
        {"demo": tunnel},
        {"demo": tunnel | {"remot": "nowhere"}},
        {"demo": tunnel, "other": other},
        {"demo": tunnel | {"upstream_timeout": "50s"}, "other": other},
        {"demo": tunnel | {"workers": 0}},
        {"demo": tunnel | {"upstream_timeout": "50s"}},
    ]


def storm(daemon, files, seconds: float) -> None:
    """A signal each hundredth of a second, each with another file."""
    started = time.monotonic()
    for number in range(int(seconds * 100)):
        daemon.reload(files[number % len(files)])
        time.sleep(max(0, started + (number + 1) / 100 - time.monotonic()))


def settle(daemon, relay, file) -> None:
    """Lets a last file come into force, and waits until whatever was retired is gone."""
    daemon.reload(file)
    eventually(lambda: daemon.is_ready and relay.metric("fpw_relay_slots", host=HOST) == 8, within=30)
    eventually(lambda: relay.metric("fpw_relay_slots", host="other.test") == 0, within=30)


@pytest.mark.parametrize(
    ("seconds", "visits", "rounds"),
    [(1, 1, 1), pytest.param(10, 100_000, 3, marks=[pytest.mark.slow, pytest.mark.timeout(900)])],
    ids=["1 s", "10 s and 100,000 visits, three times"],
)
def test_a_storm_of_reloads_loses_nobody_and_leaves_nothing_behind(fault, fpwd, files, seconds, visits, rounds):
    relay, files = files
    visitor = relay.visitor()
    daemon = fpwd(tunnels=files[0], daemon={"log_level": "notice"})
    daemon.wait_until_ready()
    answers: Counter[str] = Counter()
    sizes = []
    with fault("SIGHUP 100/s for 10 s under load") as row:
        for _ in range(rounds):
            enough = answers.total() + visits
            during = Wrk(visitor, seconds=seconds + 1)
            storm(daemon, files, seconds)
            answers += during.answers()
            while answers.total() < enough:
                answers += Wrk(visitor, seconds=5).answers()
            settle(daemon, relay, files[0])
            sizes.append(Size.of(daemon))
        row.measured("reloads", len(daemon.lines_with("reloaded")), at_least=1)
        row.measured("files refused", len(daemon.lines_with("nothing has changed")))
        row.measured("visits", answers.total(), at_least=visits * rounds)
        row.measured("lost", answers["none"], at_most=0)
        row.measured("not answered by the upstream", answers.total() - answers["200"] - answers["none"], at_most=0)
        if rounds == 3:
            _, second, third = sizes
            growth, allowed = (third.resident - second.resident) / MIB, max(1, second.resident / 100 / MIB)
            row.measured("RSS of round 3 above round 2", growth, "MiB", at_most=allowed)
            row.measured("descriptors of round 3 above round 2", third.descriptors - second.descriptors, at_most=1)
        print(sizes, answers)
