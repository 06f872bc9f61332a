"""What the tests of faults share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import pytest

from harness.lab import Tunnel
from harness.program import free_port
from harness.programs import QUIET, FpwRelay


@dataclass
class Apart(Tunnel):
    """A tunnel whose slots reach the relay at a port of their own, where rules can meet them and not the visitors."""

    slots: int
    start_relay_again: Callable[[], FpwRelay]


@pytest.fixture
def apart(network, lab, upstream) -> Callable[..., Apart]:
    """Both programs in a network of the test's own, ready: `apart(workers=4)`. Visits are not logged.

    Ask for `upstream` after this one: it must be in the same network.
    """

    def start(relay=None, **settings) -> Apart:
        slots = free_port()
        listening = {"slot_listen": f"127.0.0.1:{slots}"} | QUIET | (relay or {})
        the_relay = lab.relay(**listening)
        daemon = lab.fpwd(f"http://127.0.0.1:{slots}/", upstream, daemon=QUIET, **settings)
        daemon.wait_until_ready()
        again = partial(lab.relay, port=the_relay.port, tls_port=the_relay.tls_port, **listening)
        return Apart(the_relay, daemon, the_relay.visitor(), slots, again)

    return start
