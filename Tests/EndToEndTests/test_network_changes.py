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
