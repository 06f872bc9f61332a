"""Peers that die without a word: suspended machines, lost NAT entries (PROTOCOL.md §4, "silent death")."""

import secrets
import socket

import pytest

from harness.program import eventually
from harness.programs import HOST, TOKEN
from harness.slots import RawSlot
from parts.wire import fall_silent, reset_at_close

BY_TLS_TOO = True

POLL = (
    f"POST / HTTP/1.1\r\nHost: {HOST}\r\nfpw-host: {HOST}\r\nfpw-token: {TOKEN}\r\nContent-Length: 0\r\n\r\n".encode()
)


@pytest.mark.parametrize(("method", "body"), [("GET", None), ("POST", b"once")])
def test_a_visit_whose_slot_has_died_is_another_slots(tunnel, upstream, method, body):
    path = tunnel(upstream, workers=1)
    with path.visitor.raw() as dying:
        dying.sendall(POLL)
        eventually(lambda: path.relay.metric("fpw_relay_slots", state="parked") == 2)
        fall_silent(dying)
        assert path.visitor.visit(method, "/echo", body=body, within=10).status == 200
    assert (len(upstream.requests), path.relay.metric("fpw_relay_repeats_total")) == (1, 1)


@pytest.mark.parametrize(("method", "parked", "repeats"), [("GET", 0, 1), ("POST", 1, 0)])
def test_a_reset_may_overtake_the_acknowledgement_of_a_visit(fpw_relay, method, parked, repeats):
    """A kernel acknowledges small data late, and takes nothing from a reset but the end of the connection."""
    relay = fpw_relay()
    with relay.visitor().raw() as visitor, RawSlot(relay, slot=secrets.token_hex(16)) as other:
        with RawSlot(relay, slot=secrets.token_hex(16)) as slot:
            slot.park()
            slot.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 0)
            reset_at_close(slot.sock)
            visitor.sendall(f"{method} /order HTTP/1.1\r\nHost: {HOST}\r\nContent-Length: 0\r\n\r\n".encode())
            assert slot.answer().get("fpw-method") == method
        other.sock.sendall(other.bytes_of())
        eventually(
            lambda: (
                (relay.metric("fpw_relay_slots", state="parked"), relay.metric("fpw_relay_repeats_total"))
                == (parked, repeats)
            )
        )


def test_a_poll_that_is_never_answered_is_given_up_and_made_again(fpwd, relay_part, upstream):
    relay_part.script(lambda relay, post: post.connection.peer_leaves())
    fpwd(relay_part, upstream, workers=1, poll_timeout="1s")
    assert relay_part.visit().body == b"hello\n"
    assert len(relay_part.posts) == 3
