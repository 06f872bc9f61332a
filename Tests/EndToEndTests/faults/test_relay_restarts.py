"""The relay goes away and comes back, while visitors keep coming."""

import time

import pytest

from harness.load import Load
from harness.program import eventually


@pytest.mark.parametrize("seconds", [3, pytest.param(20, marks=pytest.mark.slow)])
@pytest.mark.parametrize("ending", ["stop", "kill"])
def test_a_relay_that_comes_back_serves_soon(fault, network, apart, upstream, seconds, ending):
    path = apart(workers=10)
    with fault("relay restarts under load") as row:
        with Load(path.visitor, upstream) as load:
            load.some_more()
            getattr(path.relay, ending)()
            eventually(lambda: not path.daemon.is_ready)
            with network.attempts(path.slots) as attempts:
                load.run(seconds)
                if seconds >= 20:
                    row.measured("attempts per second", attempts.packets / seconds, at_most=1)
            path.start_relay_again()
            back = time.monotonic()
            load.some_more(within=10)
        row.measured(f"{ending}, {seconds} s down: serving after", load.answered_after(back), "s", at_most=5)
        row.measured("duplicated", load.duplicated, at_most=0)
        print(load.summary())
