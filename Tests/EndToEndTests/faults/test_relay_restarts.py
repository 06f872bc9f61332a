"""The relay goes away and comes back, while visitors keep coming."""

import time

import pytest

from harness.load import Load
from harness.program import free_port


@pytest.mark.usefixtures("network")
@pytest.mark.parametrize("seconds", [3, pytest.param(20, marks=pytest.mark.slow)])
@pytest.mark.parametrize("ending", ["stop", "kill"])
def test_a_relay_that_comes_back_serves_soon(network, fault, fpw_relay, fpwd, upstream, seconds, ending):
    slots = free_port()
    relay = fpw_relay(slot_listen=f"127.0.0.1:{slots}", log_level="warning")
    fpwd(f"http://127.0.0.1:{slots}/", upstream, workers=10, daemon={"log_level": "warning"}).wait_until_ready()
    with fault("relay restarts under load") as row, Load(relay.visitor(), upstream) as load:
        load.some_more()
        getattr(relay, ending)()
        with network.attempts(slots) as attempts:
            load.run(seconds)
            if seconds >= 20:
                row.measured("attempts per second", attempts.packets / seconds, at_most=1)
        fpw_relay(port=relay.port, slot_listen=f"127.0.0.1:{slots}", log_level="warning")
        back = time.monotonic()
        load.some_more(within=10)
        row.measured("serving after", load.answered_after(back), "s", at_most=5)
        row.measured("duplicated", load.duplicated, at_most=0)
    print(load.summary())
