"""A slot of fpw-relay spoken by hand, over one connection of its own."""

from __future__ import annotations

import functools
import http.client
import json
import socket

from harness.program import PATIENCE, eventually
from harness.programs import HOST, TOKEN, FpwRelay
from harness.visitor import Answer

Lies = dict[str, str | bytes | None]


class RawSlot:
    """Says what it is told to. `lies` replace fields (`fpw_token="x"`); None leaves one out."""

    def __init__(self, relay: FpwRelay, host: str = HOST, token: str = TOKEN, slot: str = "0" * 32):
        self._relay = relay
        self.fields: Lies = {"fpw-host": host, "fpw-token": token, "fpw-slot": slot}
        self.sock = socket.create_connection(("127.0.0.1", relay.port), timeout=15 * PATIENCE)

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

    def park(self) -> None:
        """Polls, and waits until the relay holds the poll: this host's only one."""
        parked = functools.partial(self._relay.metric, "fpw_relay_slots", state="parked", host=str(self.fields["fpw-host"]))
        eventually(lambda: parked() == 0)
        self.sock.sendall(self.bytes_of())
        eventually(lambda: parked() == 1)

    def answer(self) -> Answer:
        """The next answer. Raises OSError or http.client.HTTPException where none comes whole."""
        response = http.client.HTTPResponse(self.sock, method="POST")
        response.begin()
        return Answer(response.status, tuple(response.getheaders()), response.read())


def _bytes(value: str | bytes) -> bytes:
    return value.encode("latin-1") if isinstance(value, str) else value
