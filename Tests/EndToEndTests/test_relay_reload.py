"""SIGHUP to fpw-relay: hosts, tokens and settings change while visitors are served, and none of them notices."""

import signal
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from harness.crowd import Crowd
from harness.program import eventually
from harness.programs import HOST, TOKEN
from parts.upstream import Gate

OTHER, OTHER_TOKEN = "other.example.test", "the-token-of-the-other-host"
BOTH = {HOST: {"token": TOKEN}, OTHER: {"token": OTHER_TOKEN}}
NEW_TOKEN = "a-token-that-is-newer"


@pytest.fixture
def gate(upstream):
    gate = Gate()
    upstream.on("/gate")(gate)
    yield gate
    gate.open()


@pytest.fixture
def relay(fpw_relay):
    return fpw_relay(hosts=BOTH)


@pytest.fixture
def serve(fpwd, relay, upstream):
    """A daemon that serves one host with a token."""

    def start(host=HOST, token=TOKEN, **settings):
        daemon = fpwd(relay, upstream, host=host, token=token, **{"workers": 2, "max_workers": 4} | settings)
        daemon.wait_until_ready()
        return daemon

    return start


def test_a_host_is_added_and_the_other_is_not_touched(fpw_relay, fpwd, upstream):
    relay = fpw_relay()
    daemon = fpwd(relay, upstream, workers=2)
    daemon.wait_until_ready()
    other = fpwd(relay, upstream, host=OTHER, token=OTHER_TOKEN)
    other.wait_for_line("403")
    assert relay.visitor(OTHER).visit().status == 404
    with Crowd(relay.visitor()) as crowd:
        relay.reload(hosts=BOTH)
        relay.wait_for_line("reloaded", "added=1", "unchanged=1")
        crowd.see_more()
    assert set(crowd.statuses) == {200}
    assert len(daemon.lines_with("tunnel is open")) == 1
    assert relay.visitor(OTHER).visit().status == 502
    fpwd(relay, upstream, host=OTHER, token=OTHER_TOKEN).wait_until_ready()
    assert relay.visitor(OTHER).visit().status == 200


def test_a_removed_hosts_visits_are_finished_and_its_slots_sent_away(relay, serve, gate):
    daemon, other = serve(), serve(OTHER, OTHER_TOKEN)
    with ThreadPoolExecutor(1) as crowd:
        visit = crowd.submit(relay.visitor().visit, target="/gate")
        assert gate.holds(1)
        relay.reload(hosts={OTHER: BOTH[OTHER]})
        relay.wait_for_line("reloaded", "removed=1", "unchanged=1")
        daemon.wait_for_line("403")
        assert relay.visitor().visit().status == 404
        gate.open()
        assert visit.result().body == b"through\n"
    eventually(lambda: f'host="{HOST}"' not in relay.admin("/metrics")[1])
    assert relay.visitor(OTHER).visit().status == 200
    assert other.is_ready


def test_a_host_that_comes_back_is_served_again(relay, serve):
    serve()
    relay.reload(hosts={OTHER: BOTH[OTHER]})
    eventually(lambda: relay.visitor().visit().status == 404)
    relay.reload(hosts=BOTH)
    relay.wait_for_line("reloaded", "added=1")
    serve()
    assert relay.visitor().visit().status == 200


def test_a_token_is_rotated_without_a_lost_visit(relay, serve, fpwd):
    old = serve()
    with Crowd(relay.visitor()) as crowd:
        relay.reload(hosts=BOTH | {HOST: {"tokens": [NEW_TOKEN, TOKEN]}})
        relay.wait_for_line("reloaded", "changed=1", "unchanged=1")
        assert not old.lines_with("link is down")
        new = serve(token=NEW_TOKEN)
        crowd.see_more()
        relay.reload(hosts=BOTH | {HOST: {"token": NEW_TOKEN}})
        old.wait_for_line("403")
        crowd.see_more()
    assert set(crowd.statuses) == {200}
    assert new.is_ready


def test_a_slot_whose_token_was_withdrawn_may_finish_its_visit(relay, serve, gate):
    daemon = serve()
    with ThreadPoolExecutor(1) as crowd:
        visit = crowd.submit(relay.visitor().visit, target="/gate")
        assert gate.holds(1)
        relay.reload(hosts=BOTH | {HOST: {"token": NEW_TOKEN}})
        daemon.wait_for_line("403")
        gate.open()
        assert visit.result().body == b"through\n"
    eventually(lambda: relay.metric("fpw_relay_slots", host=HOST) == 0)


def test_settings_change_at_once_and_those_that_cannot_are_named(relay, serve):
    serve()
    assert relay.visitor().visit("POST", body=b"x" * 2000).status == 200
    relay.reload(hosts=BOTH, max_body="1KiB", log_level="debug", loops=3, listen="127.0.0.1:1")
    relay.wait_for_line("listen has changed", "restart fpw-relay")
    relay.wait_for_line("loops has changed", "restart fpw-relay")
    assert relay.visitor().visit("POST", body=b"x" * 2000).status == 413
    serve()
    relay.wait_for_line("debug", "connection")


def test_the_access_log_moves_to_another_file_and_another_format(relay, serve, tmp_path):
    serve()
    first, second = tmp_path / "first.log", tmp_path / "second.log"
    relay.reload(hosts=BOTH, access_log=str(first))
    relay.wait_for_line("reloaded")
    assert relay.visitor().visit(target="/one?key=1").status == 200
    eventually(lambda: first.exists() and '"GET /one HTTP/1.1" 200' in first.read_text())
    relay.reload(hosts=BOTH, access_log=str(second), access_format="json", log_query=True, log_address="masked")
    eventually(lambda: len(relay.lines_with("was reloaded")) == 2)
    assert relay.visitor().visit(target="/two?key=1").status == 200
    eventually(lambda: second.exists() and second.read_text().endswith("\n"))
    assert '"/two?key=1"' in second.read_text() and "127.0.0.0" in second.read_text()
    assert "/two" not in first.read_text()


def test_a_file_with_errors_changes_nothing_and_they_are_said(relay, serve):
    serve()
    before = relay.metric("fpw_relay_config_last_reload_success_timestamp_seconds")
    assert relay.metric("fpw_relay_config_last_reload_successful") == 1 and before > 1e9
    relay.reload(hosts={OTHER: BOTH[OTHER]}, max_bodi="1", park_time="x")
    relay.wait_for_line("error", "unknown key 'max_bodi'", "did you mean", f"{relay.file}:")
    relay.wait_for_line("error", "park_time", f"{relay.file}:")
    relay.wait_for_line("nothing has changed", str(relay.file))
    assert relay.metric("fpw_relay_config_last_reload_successful") == 0
    assert relay.metric("fpw_relay_config_last_reload_success_timestamp_seconds") == before
    status, text = relay.admin("/readyz")
    assert status == 200 and "errors" in text
    assert relay.visitor().visit().status == 200
    relay.reload(hosts=BOTH)
    relay.wait_for_line("reloaded", "unchanged=2")
    # It says so once the file is in use, and counts it thereafter.
    eventually(lambda: relay.metric("fpw_relay_config_last_reload_successful") == 1)


def test_a_storm_of_signals_is_answered_together_and_nobody_is_lost(relay, serve):
    serve(workers=4, max_workers=8)
    with Crowd(relay.visitor()) as crowd:
        for number in range(300):
            relay.reload(hosts=BOTH, **({"max_bodi": "1"} if number % 3 == 0 else {"max_body": f"{number + 2}KiB"}))
            time.sleep(0.01)
        relay.reload(hosts=BOTH, max_body="1KiB")
        eventually(lambda: relay.visitor().visit("POST", body=b"x" * 2000).status == 413)
        crowd.see_more()
    assert set(crowd.statuses) == {200}
    reloads = len(relay.lines_with("was reloaded")) + len(relay.lines_with("nothing has changed"))
    assert 3 <= reloads <= 60
    assert relay.is_running


def test_a_signal_while_it_stops_does_not_end_it_early(relay, serve, gate):
    serve()
    with ThreadPoolExecutor(1) as crowd:
        visit = crowd.submit(relay.visitor().visit, target="/gate")
        assert gate.holds(1)
        relay.signal(signal.SIGTERM)
        relay.wait_for_line("stopping")
        relay.signal(signal.SIGHUP)
        gate.open()
        assert visit.result().body == b"through\n"
    assert relay.exit_code() == 0
