"""What fpw-relay tells systemd."""

import itertools
import signal
from concurrent.futures import ThreadPoolExecutor

from harness.program import accepts
from harness.programs import HOST
from harness.systemd import ServiceManager
from parts.upstream import Gate


def test_it_is_ready_when_it_listens(fpw_relay, tmp_path):
    manager = ServiceManager(tmp_path)
    relay = fpw_relay(env=manager.env)
    assert manager.hears("READY=1")
    assert accepts(relay.port) and accepts(relay.admin_port)


def test_its_status_tells_hosts_and_slots_when_they_change(fpw_relay, fpwd, upstream, tmp_path):
    manager = ServiceManager(tmp_path)
    relay = fpw_relay(env=manager.env)
    assert manager.hears("STATUS=1 host, 0 slots, 0 visitors waiting")
    fpwd(relay, upstream, workers=3).wait_until_ready()
    assert manager.hears("STATUS=1 host, 3 slots, 0 visitors waiting")
    assert relay.visitor().visit().status == 200
    relay.reload(hosts={HOST: {"token": "another-token-altogether"}})
    assert manager.hears("STATUS=1 host, 0 slots", times=2)
    statuses = manager.heard("STATUS=")
    assert all(earlier != later for earlier, later in itertools.pairwise(statuses))


def test_a_reload_is_told_from_its_beginning_to_its_end(fpw_relay, tmp_path):
    manager = ServiceManager(tmp_path)
    relay = fpw_relay(env=manager.env)
    assert manager.hears("READY=1")
    relay.reload()
    assert manager.hears("RELOADING=1\nMONOTONIC_USEC=")
    assert manager.hears("READY=1", times=2)


def test_a_stop_is_told_before_the_visits_under_way_end(tunnel, upstream, tmp_path):
    gate = Gate()
    upstream.on("/gate")(gate)
    manager = ServiceManager(tmp_path)
    path = tunnel(upstream, relay={"env": manager.env})
    with ThreadPoolExecutor(1) as crowd:
        visit = crowd.submit(path.visitor.visit, target="/gate")
        assert gate.holds(1)
        path.relay.signal(signal.SIGTERM)
        assert manager.hears("STOPPING=1")
        assert not visit.done()
        gate.open()
        assert visit.result().body == b"through\n"


def test_the_watchdog_is_fed_twice_in_its_interval_while_the_relay_runs_and_drains(tunnel, upstream, tmp_path):
    gate = Gate()
    upstream.on("/gate")(gate)
    manager = ServiceManager(tmp_path, watchdog=0.4)
    path = tunnel(upstream, relay={"env": manager.env})
    assert manager.hears("WATCHDOG=1", times=5, within=3)
    with ThreadPoolExecutor(1) as crowd:
        visit = crowd.submit(path.visitor.visit, target="/gate")
        assert gate.holds(1)
        path.relay.signal(signal.SIGTERM)
        assert manager.hears("STOPPING=1")
        manager.forget()
        assert manager.hears("WATCHDOG=1", times=2, within=3)
        gate.open()
        assert visit.result().status == 200
