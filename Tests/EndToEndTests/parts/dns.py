"""A name server that knows one answer, refuses, or says nothing.

    python -m parts.dns [ENDING=ADDRESS...]

answers questions for names with such an ending with that address.
"""

from __future__ import annotations

import socket
import struct
import sys
import threading


class NameServer:
    """Answers every question for an IPv4 address with 127.0.0.1, on UDP at 127.0.0.1. `mode` may change at any time.

    `others` are the addresses of names that end otherwise: `{".28820.com": "127.0.0.2"}`.
    """

    def __init__(self, port: int = 53, others: dict[str, str] | None = None):
        self._others = others or {}
        self.mode = "answering"  # or "refusing", or "silent"
        self.asked = 0
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", port))

    def __enter__(self) -> NameServer:
        threading.Thread(target=self.serve, daemon=True).start()
        return self

    def __exit__(self, *_) -> None:
        # Closing alone would not wake the thread that waits.
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
            sock.sendto(b"", self._socket.getsockname())

    def serve(self) -> None:
        with self._socket:
            while question := self._socket.recvfrom(512):
                data, peer = question
                if not data:
                    return
                self.asked += 1
                if self.mode != "silent":
                    self._socket.sendto(answer(data, self.mode == "refusing", self._address(data)), peer)

    def _address(self, question: bytes) -> str:
        name = name_in(question)
        return next((address for ending, address in self._others.items() if name.endswith(ending)), "127.0.0.1")


def name_in(question: bytes) -> str:
    """The name that is asked for, with a dot before each of its parts (RFC 1035 §4.1.2)."""
    name, place = "", 12
    while length := question[place]:
        name += "." + question[place + 1 : place + 1 + length].decode()
        place += 1 + length
    return name.lower()


def answer(question: bytes, refuse: bool, address: str) -> bytes:
    """RFC 1035 §4.1. A question for another kind than A has no answer."""
    end = question.index(b"\0", 12) + 5
    asks_ipv4 = question[end - 4 : end - 2] == b"\0\1"
    code = 5 if refuse else 0  # REFUSED or NOERROR
    found = not refuse and asks_ipv4
    head = question[:2] + struct.pack(">HHHHH", 0x8180 | code, 1, found, 0, 0)
    record = b"\xc0\x0c" + struct.pack(">HHIH", 1, 1, 1, 4) + socket.inet_aton(address)
    return head + question[12:end] + (record if found else b"")


if __name__ == "__main__":
    NameServer(others=dict(argument.split("=") for argument in sys.argv[1:])).serve()
