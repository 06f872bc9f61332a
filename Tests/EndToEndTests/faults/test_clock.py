"""The wall clock jumps: everything that waits goes by the monotonic clock."""

import datetime
import re

import pytest

from harness.load import Load

LIBRARY = "/usr/$LIB/faketime/libfaketimeMT.so.1"


@pytest.fixture
def jump(tmp_path):
    """Sets the programs' wall clock off by so many days; `jump.env` is theirs."""
    file = tmp_path / "clock"

    def jump(days: int) -> None:
        file.write_text(f"{days:+}d\n")

    jump(0)
    jump.env = {
        "LD_PRELOAD": LIBRARY,
        "FAKETIME_TIMESTAMP_FILE": str(file),
        "FAKETIME_NO_CACHE": "1",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        # Named, though nothing is there: else the library adds it to the environment before main, which moves the
        # environment away from the arguments, and Swift finds the arguments from there.
        "FAKETIME_SHARED": "none none",
    }
    return jump


# A sanitizer must be the first library that is loaded.
@pytest.mark.measures
def test_a_jump_of_the_clock_times_nothing_out(fault, jump, fpw_relay, fpwd, upstream):
    relay = fpw_relay(env=jump.env)
    daemon = fpwd(relay, upstream, workers=10, env=jump.env)
    daemon.wait_until_ready()
    expired = daemon.metric("fpwd_poll_outcomes_total", outcome="idle")
    with fault("clock jumps ± 1 day") as row:
        with Load(relay.visitor(), upstream, visitors=4, takes=0.05) as load:
            for days in (1, 0, -1, 0):
                load.some_more()
                jump(days)
                load.run(0.5)
            load.some_more()
        row.measured("visits", len(load.visits))
        row.measured("error pages", load.count("error page"), at_most=0)
        expired = daemon.metric("fpwd_poll_outcomes_total", outcome="idle") - expired
        row.measured("polls expired", expired, at_most=0)
        row.measured("lost", load.lost, at_most=0)
    days = {datetime.date.fromisoformat(found) for found in re.findall(r"^(\d{4}-\d\d-\d\d)T", daemon.text, re.M)}
    assert max(days) - min(days) == datetime.timedelta(days=2), "the clock did not jump"
