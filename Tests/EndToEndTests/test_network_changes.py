"""The machine gets another address: what went out from the old one is dead, and nobody says so."""

import subprocess
import time

import pytest

from harness.program import eventually, free_port


def ip(*arguments: str) -> None:
    subprocess.run(["ip", *arguments], check=True, timeout=10)


def go_out_from(address: str) -> None:
    ip("route", "replace", "table", "local", "local", "127.0.0.9", "dev", "lo", "src", address)


@pytest.mark.usefixtures("network")
def test_polls_from_an_address_that_is_gone_are_opened_anew(fpw_relay, fpwd, upstream):
    for address in ("192.0.2.1/32", "192.0.2.2/32"):
        ip("address", "add", address, "dev", "lo")
    go_out_from("192.0.2.1")
    port = free_port()
    relay = fpw_relay(port=port, listen=f"*:{port}")
    daemon = fpwd(f"http://127.0.0.9:{port}/", upstream, workers=4)
    daemon.wait_until_ready()
    eventually(lambda: relay.metric("fpw_relay_slots", state="parked") == 4)
    assert relay.visitor().visit().status == 200
    go_out_from("192.0.2.2")
    ip("address", "del", "192.0.2.1/32", "dev", "lo")
    started = time.monotonic()
    assert relay.visitor().visit(within=20).status == 200
    assert time.monotonic() - started < 3
    assert daemon.is_ready


@pytest.mark.usefixtures("network")
def test_another_default_route_has_one_poll_opened_anew(relay_part, fpwd, upstream):
    ip("route", "add", "default", "dev", "lo")
    fpwd(relay_part, upstream, workers=4)
    assert relay_part.wait_for_parked(4)
    ip("route", "add", "192.0.2.0/24", "dev", "lo")
    assert not relay_part.wait_for_posts(5, within=0.5)
    ip("route", "replace", "default", "dev", "lo", "src", "127.0.0.2")
    assert relay_part.wait_for_posts(5, within=5)
    assert not relay_part.wait_for_posts(6, within=1.5)
    assert relay_part.visit().status == 200


@pytest.mark.usefixtures("network")
def test_polls_that_are_opened_anew_do_not_all_come_at_once(relay_part, fpwd, upstream):
    for address in ("192.0.2.1/32", "192.0.2.2/32"):
        ip("address", "add", address, "dev", "lo")
    ip("route", "replace", "table", "local", "local", "127.0.0.1", "dev", "lo", "src", "192.0.2.1")
    fpwd(relay_part, upstream, workers=20)
    assert relay_part.wait_for_parked(20)
    ip("route", "replace", "table", "local", "local", "127.0.0.1", "dev", "lo", "src", "192.0.2.2")
    changed = time.monotonic()
    ip("address", "del", "192.0.2.1/32", "dev", "lo")
    assert relay_part.wait_for_posts(40)
    after = [post.arrived - changed for post in relay_part.posts[20:40]]
    assert min(after) < 0.5
    assert max(after) - min(after) > 0.4
    assert max(after) < 2.5
