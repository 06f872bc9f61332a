"""Memory that nobody can reach any more, found by valgrind on a tour through all that the programs do."""

from __future__ import annotations

import contextlib
import re
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from harness.lab import Tunnel
from harness.program import eventually
from harness.programs import HOST, TOKEN
from parts.upstream import Upstream
from parts.wire import LAST_CHUNK, chunk

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


@pytest.fixture
def watched(lab, upstream: Upstream, tmp_path: Path):
    """A tunnel between two programs under valgrind, which is some fifty times slower than none."""
    if not shutil.which("valgrind"):
        pytest.fail("install the package valgrind")

    def under(name: str) -> list[str]:
        files = [
            f"--suppressions={Path(__file__).with_name('valgrind.supp')}",
            f"--log-file={tmp_path / name}.valgrind",
        ]
        return ["valgrind", "--leak-check=full", "--show-leak-kinds=definite", "--undef-value-errors=no", *files]

    relay = lab.relay(under=under("relay"), resend_window="1s")
    eventually(lambda: relay.admin("/healthz")[0] == 200, 120)
    daemon = lab.fpwd(relay, upstream, workers=2, max_workers=4, under=under("daemon"), daemon={"inspector": True})
    daemon.wait_until_ready(120)
    return Tunnel(relay, daemon, relay.visitor())


def tour(tunnel: Tunnel, upstream: Upstream) -> None:
    """Every kind of visit, well and ill."""
    visit = tunnel.visitor.visit
    for number in range(20):
        assert visit(target=f"/echo?{number}").status == 200
        assert visit("POST", "/echo", body=bytes(1000 * number)).status == 200
    assert visit("POST", "/echo", [("Transfer-Encoding", "chunked")], chunk(bytes(200_000)) + LAST_CHUNK).status == 200
    assert visit("HEAD", "/").status == 200
    upstream.on("/large")(lambda request: request.respond(body=bytes(3 << 20)))
    assert len(visit(target="/large", within=120).body) == 3 << 20
    for _ in range(5):
        with contextlib.closing(tunnel.visitor.open(target="/large")) as half:
            half.read(1000)
    upstream.on("/broken")(lambda request: request.connection.reset())
    upstream.on("/cut")(
        lambda request: (
            request.connection.send(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nfour"),
            request.connection.close(),
        )
    )
    for target in ("/broken", "/cut"):
        assert visit("POST", target, body=b"x", within=60).status == 502
    assert tunnel.visitor.say(b"nonsense\r\n\r\n", 60).startswith(b"HTTP/1.1 400")
    assert visit(fields=[("Host", "unknown.test")]).status == 404
    with ThreadPoolExecutor(8) as crowd:
        assert {
            answer.status for answer in crowd.map(lambda number: visit(target=f"/echo?{number}", within=120), range(40))
        } == {200}


def look_around(tunnel: Tunnel) -> None:
    """The admin listeners, with and without the key."""
    for program in (tunnel.relay, tunnel.daemon):
        for path in ("/metrics", "/status", "/readyz", "/", "/ui/state", "/nowhere"):
            program.ask(path)


def change(tunnel: Tunnel, upstream: Upstream) -> None:
    """Another tunnel comes, and goes; a file with an error changes nothing."""
    table = {"relay": tunnel.relay.url, "upstream": upstream.url, "workers": 1}
    hosts = {HOST: {"token": TOKEN}, "two.test": {"token": TOKEN}}
    tunnel.relay.reload(hosts, resend_window="1s")
    tunnel.daemon.reload({"demo": table, "two": table | {"host": "two.test"}})
    tunnel.daemon.wait_for_line("two", within=60)
    eventually(lambda: tunnel.relay.visitor("two.test").visit(within=60).status == 200, 60)
    tunnel.daemon.reload({"demo": table | {"workers": 0}})
    tunnel.daemon.wait_for_line("outside", within=60)
    tunnel.daemon.reload({"demo": table})
    eventually(lambda: tunnel.visitor.visit(within=60).status == 200, 60)


def test_valgrind_finds_nothing_lost(watched, upstream, tmp_path):
    tour(watched, upstream)
    look_around(watched)
    change(watched, upstream)
    for program in (watched.daemon, watched.relay):
        program.stop(within=120)
    for name in ("daemon", "relay"):
        log = (tmp_path / f"{name}.valgrind").read_text()
        lost = re.search(r"definitely lost: ([\d,]+) bytes", log)
        assert ("HEAP SUMMARY" in log and "definitely lost" in log) or "no leaks are possible" in log, log[-2000:]
        assert lost is None or lost[1] == "0", log[-8000:]
