"""What the tests of liars share. A module names the side that lies: `SIDE = "relay"`."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from harness.hostile import PROPERTY, Tally
from harness.programs import HOST, TOKEN, FpwRelay
from harness.slots import LANES, OTHER, OTHERS_TOKEN, RawSlot


@pytest.fixture(autouse=True)
def tally(request: pytest.FixtureRequest) -> Iterator[Tally]:
    """Counts a test's inputs; a test that does not count had one, refused or taken as it must be."""
    tally = Tally(request.module.SIDE, request.config.getoption("--seed"))
    yield tally
    if not tally.inputs:
        tally.refuse()
    request.node.user_properties.append((PROPERTY, vars(tally)))
    tally.check()


@pytest.fixture
def depth(request: pytest.FixtureRequest) -> int:
    return request.config.getoption("--depth")


@pytest.fixture(scope="module", params=["clear", "tls"])
def shared(request, module_lab, authority) -> FpwRelay:
    """fpw-relay, which forgets soon."""
    hosts = {HOST: {"token": TOKEN}, OTHER: {"token": OTHERS_TOKEN}} | {host: {"token": TOKEN} for host in LANES}
    settings = {"resend_window": "100ms", "visit_timeout": "3s", "log_level": "error", "access_log": "off"}
    relay = module_lab.relay(hosts=hosts, authority=authority if request.param == "tls" else None, **settings)
    if relay.tls:
        # What can be read then is an answer, and never a ticket of TLS 1.3's.
        relay.tls.maximum_version = ssl.TLSVersion.TLSv1_2
    return relay


@pytest.fixture
def relay(shared, tally):
    """It serves a visitor before and after the test."""
    yield shared
    tally.is_alive(shared)
    with RawSlot(shared) as slot, ThreadPoolExecutor() as crowd:
        slot.park()
        visit = crowd.submit(shared.visitor().visit)
        slot.sock.sendall(slot.reply_bytes(slot.answer(), b"served"))
        assert visit.result().body == b"served"


@pytest.fixture
def crowd():
    with ThreadPoolExecutor(8) as pool:
        yield pool
