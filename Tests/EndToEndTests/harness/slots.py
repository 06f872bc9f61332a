"""Slots of fpw-relay spoken by hand, each over one connection of its own."""

from __future__ import annotations

import contextlib
import functools
import http.client
import json
import secrets
import socket
import ssl
from dataclasses import dataclass

from harness import oracle
from harness.program import eventually
from harness.programs import HOST, TOKEN, FpwRelay
from harness.visitor import Answer

# Beside HOST: another holder's host, and some more of the same holder's.
OTHER, OTHERS_TOKEN = "other.example.test", "a-token-of-another-host"
LANES = [f"lane-{word}.test" for word in ("one", "two", "three")]

Lies = dict[str, str | bytes | None]


class RawSlot:
    """Says what it is told to. `lies` replace fields (`fpw_token="x"`); None leaves one out."""

    def __init__(self, relay: FpwRelay, host: str = HOST, token: str = TOKEN, slot: str = "0" * 32):
        self._relay = relay
        self.fields: Lies = {"fpw-host": host, "fpw-token": token, "fpw-slot": slot}
        self.sock = relay.visitor(host).raw(within=15)

    def __enter__(self) -> RawSlot:
        return self

    def __exit__(self, *_) -> None:
        self.sock.close()

    def bytes_of(self, body: bytes = b"", **lies: str | bytes | None) -> bytes:
        fields = self.fields | {name.replace("_", "-"): value for name, value in lies.items()}
        fields.setdefault("content-length", str(len(body)))
        lines = [name.encode() + b": " + _bytes(value) for name, value in fields.items() if value is not None]
        return b"\r\n".join([b"POST / HTTP/1.1", b"Host: relay", *lines, b"", body])

    def reply_bytes(self, visit: Answer, body: bytes = b"", status: object = 200, fields=None, **lies) -> bytes:
        said = {"fpw_id": visit.get("fpw-id"), "fpw_status": str(status), "fpw_header": json.dumps(fields or {})}
        return self.bytes_of(body, **(said | lies))

    def post(self, body: bytes = b"", **lies: str | bytes | None) -> Answer:
        self.sock.sendall(self.bytes_of(body, **lies))
        return self.answer()

    def park(self, beside: int = 0) -> None:
        """Polls, and waits until the relay holds the poll, beside so many others of this host."""
        parked = functools.partial(
            self._relay.metric, "fpw_relay_slots", state="parked", host=str(self.fields["fpw-host"])
        )
        eventually(lambda: parked() == beside)
        self.sock.sendall(self.bytes_of())
        eventually(lambda: parked() == beside + 1)

    def answer(self) -> Answer:
        """The next answer. Raises OSError or http.client.HTTPException where none comes whole."""
        response = http.client.HTTPResponse(self.sock, method="POST")
        response.begin()
        return Answer(response.status, tuple(response.getheaders()), response.read())


def _bytes(value: str | bytes) -> bytes:
    return value.encode("latin-1") if isinstance(value, str) else value


@dataclass
class Visited:
    """A visitor's POST that a slot has got, and the answer to come."""

    slot: RawSlot
    visit: Answer
    visitor: socket.socket

    def say(self, data: bytes) -> None:
        with contextlib.suppress(OSError):
            self.slot.sock.sendall(data)

    def bytes_received(self) -> bytes:
        """What the visitor gets until the relay closes; the last request asks it to."""
        data = b""
        with contextlib.suppress(ConnectionError, ssl.SSLError):
            while more := self.visitor.recv(1 << 16):
                data += more
        return data

    def received(self) -> oracle.Reading:
        return oracle.answers(self.bytes_received(), ["POST"])


@contextlib.contextmanager
def visited(relay: FpwRelay, host: str = HOST, connection: str = "close"):
    """A visit under way."""
    with RawSlot(relay, host, slot=secrets.token_hex(16)) as own, relay.visitor(host).raw(within=15) as visitor:
        own.park()
        head = f"POST /lied HTTP/1.1\r\nHost: {host}\r\nContent-Length: 0\r\nConnection: {connection}\r\n\r\n"
        visitor.sendall(head.encode())
        yield Visited(own, own.answer(), visitor)


def is_refused(reading: oracle.Reading) -> bool:
    """The visitor got the relay's own error page, or visibly half of an answer."""
    return reading.end == "error" or (reading.end == "whole" and reading.messages[0][0] in (502, 503, 504))


def refused(relay: FpwRelay, under_way: Visited, data: bytes) -> None:
    """The lie is a client's error, and the visit is still the slot's to reply to."""
    under_way.say(data)
    assert under_way.slot.answer().status in (400, 501)
    with reply_again(relay, under_way):
        assert under_way.received().messages[0][2] == b"own"


@contextlib.contextmanager
def reply_again(relay: FpwRelay, under_way: Visited):
    """Replies over another connection of the slot, which then is the poll."""
    with RawSlot(relay, str(under_way.slot.fields["fpw-host"]), slot=str(under_way.slot.fields["fpw-slot"])) as again:
        again.sock.sendall(again.reply_bytes(under_way.visit, b"own"))
        yield again
