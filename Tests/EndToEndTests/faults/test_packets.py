"""Packets vanish: a black hole, a peer that was suspended, a lossy line."""

import time

import pytest

from harness.load import Load
from harness.program import eventually, free_port
from harness.programs import QUIET


@pytest.mark.timeout(150)
@pytest.mark.parametrize("seconds", [pytest.param(20, marks=pytest.mark.slow), None], ids=["20 s", "until noticed"])
def test_a_black_hole_is_noticed_and_survived(fault, network, apart, upstream, seconds):
    path = apart(workers=10)
    with fault("network black hole (DROP)") as row:
        with Load(path.visitor, upstream, visitors=4, pause=0.2, within=60) as load:
            load.some_more()
            with network.drop(path.slots):
                began = time.monotonic()
                if seconds:
                    load.run(seconds)
                else:
                    eventually(lambda: not path.daemon.is_ready, within=60)
                    row.measured("noticed after", time.monotonic() - began, "s", at_most=30)
            over = time.monotonic()
            load.some_more(within=20)
        outage = f"{seconds} s" if seconds else "longer"
        row.measured(f"outage of {outage}: serving after", load.answered_after(over), "s", at_most=5)
        row.measured("lost", load.lost, at_most=0)
        row.measured("duplicated", load.duplicated, at_most=0)
        print(load.summary())


@pytest.mark.parametrize("workers", [1, 4, 10])
def test_a_suspended_workers_visits_are_anothers(fault, network, fpw_relay, fpwd, upstream, workers):
    """The slots that parked last are asked first: here all of a worker that has fallen silent."""
    slots = free_port()
    relay = fpw_relay(slot_listen=f"127.0.0.1:{slots}", **QUIET)
    fpwd(relay, upstream, workers=4, daemon=QUIET).wait_until_ready()
    eventually(lambda: relay.metric("fpw_relay_slots", state="parked") == 4)
    baseline = relay.descriptors
    fpwd(f"http://127.0.0.1:{slots}/", upstream, workers=workers, daemon=QUIET)
    eventually(lambda: relay.metric("fpw_relay_slots", state="parked") == 4 + workers)
    with fault("half-open connection, worker suspended") as row, network.drop(slots):
        silent = time.monotonic()
        for method in ("GET", "POST", "GET", "POST"):
            began = time.monotonic()
            status = relay.visitor().visit(method, "/echo", body=b"").status
            row.measured(f"a {method} got {status} after", time.monotonic() - began, "s", at_most=5)
            assert status == 200
        eventually(lambda: relay.descriptors <= baseline, within=40)
        row.measured("descriptors back after", time.monotonic() - silent, "s")
    assert len(upstream.seen("/echo")) == 4


def test_of_a_thousand_visits_none_is_lost_with_its_packets(fault, network, apart, upstream):
    path = apart(workers=20)
    with fault("10 % packet loss each way, 1,000 GETs") as row:
        with (
            network.lose(10, path.slots) as packets,
            Load(path.visitor, upstream, visitors=20, method="GET") as load,
        ):
            load.some_more(1000, within=50)
            row.measured("packets lost", packets.packets, at_least=100)
        row.measured("visits", len(load.visits), at_least=1000)
        row.measured("lost", load.lost, at_most=0)
        row.measured("duplicated", load.duplicated, at_most=0)
        row.measured("error pages", 100 * load.count("error page") / len(load.visits), "%", at_most=0.5)
        row.measured("half of them within", load.slowest(0.5), "s")
        row.measured("99 % of them within", load.slowest(0.99), "s")
        print(load.summary())
