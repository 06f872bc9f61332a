"""Nobody waits for a log: what cannot be written is dropped and counted, and visitors are served."""

import os
import time

import pytest

from harness.load import Load

# Every write to it fails with ENOSPC.
FULL = "/dev/full"


def with_stderr(redirection: str) -> tuple[str, ...]:
    """A shell that changes standard error and becomes the program."""
    return ("sh", "-c", f'exec "$@" {redirection}', "sh")


@pytest.fixture
def journal(tmp_path):
    """A pipe that is open and never read."""
    pipe = tmp_path / "journal"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDWR)
    yield pipe
    os.close(reader)


@pytest.mark.measures
@pytest.mark.parametrize("trouble", ["log disk full", "access log's disk full", "stderr closed", "journal slow"])
def test_a_log_that_cannot_be_written_holds_no_visitor(fault, fpw_relay, fpwd, upstream, journal, trouble):
    # Lines for every step, with long targets: a few hundred visits fill the queue (1 MiB) and the pipe (64 KiB).
    settings = {"log_level": "trace"}
    if trouble == "access log's disk full":
        settings["access_log"] = FULL
    redirections = {"log disk full": f"2>{FULL}", "stderr closed": "2>&-", "journal slow": f"2>{journal}"}
    under = with_stderr(redirections.get(trouble, ""))
    relay = fpw_relay(under=under, **settings)
    daemon = fpwd(relay, upstream, workers=8, under=under, daemon=settings)
    daemon.wait_until_ready()
    with fault("log disk full, stderr closed, journal slow") as row:
        with Load(relay.visitor(), upstream, path="/load" + "x" * 4000) as load:
            load.some_more(600)
        print(load.summary())
        row.measured(f"{trouble}: answered", load.count("answered"), at_least=600)
        row.measured(f"{trouble}: lost", load.lost, at_most=0)
        if trouble != "stderr closed":
            row.measured(f"{trouble}: fpwd dropped", daemon.metric("fpwd_log_dropped_total"), at_least=1)
            row.measured(f"{trouble}: fpw-relay dropped", relay.metric("fpw_relay_log_dropped_total"), at_least=1)
        started = time.monotonic()
        assert (daemon.stop(), relay.stop()) == (0, 0)
        row.measured(f"{trouble}: both stopped after", time.monotonic() - started, "s", at_most=5)
