"""SIGHUP: the file is read again, what changed is applied, and no visitor notices."""

import signal
from concurrent.futures import ThreadPoolExecutor

import pytest

from harness.program import eventually
from harness.programs import HOST, TOKEN, toml
from parts.upstream import Gate

OTHER = "other.example.test"


@pytest.fixture
def relay(fpw_relay):
    return fpw_relay(hosts={HOST: {"token": TOKEN}, OTHER: {"token": TOKEN}})


@pytest.fixture
def reload(relay, upstream):
    """Gives fpwd a new file with these tunnels and settings, and waits until it has said what it made of it."""

    def reload(daemon, tunnels, **settings):
        common = {"relay": relay.url, "upstream": f"http://127.0.0.1:{upstream.port}", "token": TOKEN}
        tables = {"daemon": {"admin_listen": f"127.0.0.1:{daemon.admin_port}"} | settings}
        tables |= {f"tunnel.{name}": common | table for name, table in tunnels.items()}
        said = len(daemon.lines_with("reloaded"))
        daemon.file.write_text(toml(tables))
        daemon.signal(signal.SIGHUP)
        eventually(lambda: len(daemon.lines_with("reloaded")) > said)

    return reload


def test_tunnels_come_and_go_and_the_others_keep_their_connections(fpwd, relay, upstream, reload):
    daemon = fpwd(relay, upstream, workers=1)
    daemon.wait_until_ready()
    assert relay.visitor().visit().status == 200
    opened = daemon.metric("fpwd_poll_outcomes_total", tunnel="demo")
    demo = {"host": HOST, "workers": 1, "max_workers": 1}
    reload(daemon, {"demo": demo, "other": {"host": OTHER}})
    eventually(lambda: relay.visitor(OTHER).visit().status == 200)
    assert daemon.metric("fpwd_poll_outcomes_total", tunnel="demo") == opened
    reload(daemon, {"demo": demo})
    eventually(lambda: relay.visitor(OTHER).visit().status == 502)
    assert relay.visitor().visit().status == 200
    assert 'tunnel="other"' not in daemon.admin("/metrics")[1]


def test_a_changed_tunnel_serves_on_while_its_old_visits_finish(fpwd, relay, upstream, reload):
    gate = Gate()
    upstream.on("/gate")(gate)
    daemon = fpwd(relay, upstream, workers=2)
    daemon.wait_until_ready()
    with ThreadPoolExecutor(2) as crowd:
        visits = [crowd.submit(relay.visitor().visit, target="/gate") for _ in range(2)]
        assert gate.holds(2)
        reload(daemon, {"demo": {"host": HOST, "workers": 3}})
        assert relay.visitor().visit().status == 200
        gate.open()
        assert [visit.result().body for visit in visits] == [b"through\n"] * 2


def test_a_file_with_errors_changes_nothing_and_every_error_is_said(fpwd, relay, upstream):
    daemon = fpwd(relay, upstream, workers=1)
    daemon.wait_until_ready()
    daemon.file.write_text("[tunnel.demo]\nhost = 3\nworkers = 0\n")
    daemon.signal(signal.SIGHUP)
    eventually(lambda: daemon.lines_with("nothing has changed"))
    assert daemon.lines_with("2:8", "host")
    assert daemon.lines_with("3:11", "workers = 0 is outside")
    assert daemon.metric("fpwd_config_last_reload_successful") == 0
    assert relay.visitor().visit().status == 200


def test_no_visitor_is_lost_while_the_configuration_changes_again_and_again(fpwd, relay, upstream, reload):
    daemon = fpwd(relay, upstream, workers=4)
    daemon.wait_until_ready()
    with ThreadPoolExecutor(8) as crowd:
        for round in range(10):
            visits = [crowd.submit(relay.visitor().visit) for _ in range(40)]
            reload(daemon, {"demo": {"host": HOST, "workers": 4 + round % 2}})
            assert [visit.result().status for visit in visits] == [200] * 40


def test_what_needs_a_restart_is_said(fpwd, relay, upstream, reload):
    daemon = fpwd(relay, upstream, workers=1)
    daemon.wait_until_ready()
    reload(daemon, {"demo": {"host": HOST, "workers": 1}}, loops=2)
    assert daemon.lines_with("loops", "restart")
