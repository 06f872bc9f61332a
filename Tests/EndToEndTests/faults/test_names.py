"""The name server refuses or is silent: one tunnel waits for it, and no other."""

import time

import pytest

from harness.load import Load
from harness.program import eventually
from harness.programs import QUIET
from parts.dns import NameServer

HOSTS = {"named.test": {"token": "the-token-of-named-alone"}, "plain.test": {"token": "the-token-of-plain-alone"}}


@pytest.fixture
def names(network, lab, tmp_path):
    """The name server, and the command that lets a program ask it."""
    file = tmp_path / "resolv.conf"
    file.write_text("nameserver 127.0.0.1\n")
    with NameServer() as server:
        yield server, ["unshare", "--mount", "sh", "-c", 'mount --bind "$0" /etc/resolv.conf && exec "$@"', file]


@pytest.mark.timeout(120)
@pytest.mark.parametrize("seconds", [2, pytest.param(20, marks=pytest.mark.slow)])
@pytest.mark.parametrize("mode", ["refusing", "silent"])
def test_a_name_that_cannot_be_found_holds_nobody_else(fault, names, fpw_relay, fpwd, upstream, mode, seconds):
    server, under = names
    relay = fpw_relay(hosts=HOSTS, **QUIET)
    tables = {
        name: {
            "host": f"{name}.test",
            **HOSTS[f"{name}.test"],
            "upstream": upstream.url,
            "relay": url,
            "workers": 4,
            "allow_plain_relay": True,
        }
        for name, url in (("plain", relay.url), ("named", f"http://relay.test:{relay.port}/"))
    }
    with fault("DNS refused; DNS silent") as row:
        daemon = fpwd(tunnels={"plain": tables["plain"]}, under=under, daemon=QUIET)
        daemon.wait_until_ready()
        with Load(relay.visitor("plain.test"), upstream, visitors=1, pause=0.005) as load:
            load.run(seconds)
            server.mode = mode
            began = time.monotonic()
            daemon.reload(tables)
            load.run(seconds)
            assert server.asked > 0
            server.mode = "answering"
            healed = time.monotonic()
            eventually(lambda: relay.visitor("named.test").visit().status == 200, within=20)
            row.measured(f"{mode}: serving after", time.monotonic() - healed, "s", at_most=5)
        row.measured("the other tunnel's visits", len(load.visits))
        row.measured("not answered", len(load.visits) - load.count("answered"), at_most=0)
        before, during = (
            {share: 1000 * load.slowest(share, *span) for share in (0.99, 1)} for span in ((0, began), (began, healed))
        )
        if seconds >= 20:
            row.measured("p99", during[0.99], "ms", at_most=2 * before[0.99])
            row.measured("slowest", during[1], "ms")
        print(before, during)
