"""TLS of a client whose bytes the test carries, and handshakes that are none (RFC 8446 §4.1.2 and §5.1, RFC 5246)."""

from __future__ import annotations

import contextlib
import socket
import ssl

from harness.program import PATIENCE
from harness.visitor import end

ALERT, HANDSHAKE = 21, 22
CLIENT_HELLO, SERVER_HELLO = 1, 2


class Client:
    """Speaks to nobody: what it says is asked for, what it is told is given to it."""

    def __init__(self, context: ssl.SSLContext, request: bytes = b""):
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls = context.wrap_bio(self._incoming, self._outgoing, server_hostname="localhost")
        self._request = request

    def says(self, told: bytes = b"") -> bytes:
        """Its next bytes; the request follows the handshake at once. Raises ssl.SSLError where it does not go on."""
        self._incoming.write(told)
        with contextlib.suppress(ssl.SSLWantReadError):
            self._tls.do_handshake()
            self._tls.write(self._request)
            self._request = b""
        return self._outgoing.read()

    def hears(self, told: bytes) -> bytes:
        """What it is told in secret."""
        self._incoming.write(told)
        with contextlib.suppress(ssl.SSLWantReadError):
            return self._tls.read(1 << 16)
        return b""


def record(content: bytes, kind: int = HANDSHAKE, version: bytes = b"\3\1", length: int | None = None) -> bytes:
    return bytes([kind]) + version + (len(content) if length is None else length).to_bytes(2) + content


def message(body: bytes, kind: int = CLIENT_HELLO, length: int | None = None) -> bytes:
    return bytes([kind]) + (len(body) if length is None else length).to_bytes(3) + body


def extension(kind: int, body: bytes, length: int | None = None) -> bytes:
    return kind.to_bytes(2) + (len(body) if length is None else length).to_bytes(2) + body


# Curves, signatures, and how points are written.
NEEDED = extension(10, b"\0\2\0\x17") + extension(13, b"\0\2\4\3") + extension(11, b"\1\0")


def hello(
    version: bytes = b"\3\3",
    session: bytes = b"\0",
    ciphers: bytes = b"\0\4\xc0\x2b\xc0\x2f",
    compressions: bytes = b"\1\0",
    more: bytes = b"",
    length: int | None = None,
) -> bytes:
    """A ClientHello's body, a sound one of TLS 1.2 as it is; `more` extensions, and how long all of them say to be."""
    extensions = NEEDED + more
    size = (len(extensions) if length is None else length).to_bytes(2)
    return version + b"r" * 32 + session + ciphers + compressions + size + extensions


HELLO = record(message(hello()))

# Each is refused, with an alert or without one.
NO_HANDSHAKES = {
    "a record of 64 KiB": record(b"x" * 65535),
    "a record of 16 KiB and too much": record(message(hello() + bytes(17_000))),
    "a record that is longer than it says": record(message(hello()), length=10) + b"x" * 100,
    "empty records": record(b"") * 5000,
    "a message of 16 MiB": (record(message(b"x" * 16_000, length=0xFFFFFF)) + record(b"x" * 16_000) * 60),
    "a message that goes on in an alert": record(message(hello(), length=500)) + record(b"\1\0", kind=ALERT) * 20,
    "a message that goes on in secret": record(message(hello(), length=500)) + record(b"x" * 100, kind=23),
    "ChangeCipherSpec within": record(message(hello(), length=500)) + record(b"\1", kind=20),
    "a heartbeat within": record(message(hello(), length=500)) + record(b"\1\x40\0", kind=24),
    "another major version": record(message(hello()), version=b"\4\1"),
    "no major version": record(message(hello()), version=b"\0\2"),
    **{
        f"message {kind} first": record(message(hello(), kind))
        for kind in (0, 2, 4, 5, 11, 12, 13, 14, 15, 16, 20, 24, 99, 255)
    },
    "SSL 3": record(message(hello(version=b"\3\0"))),
    "TLS 1.0": record(message(hello(version=b"\3\1"))),
    "TLS 1.1": record(message(hello(version=b"\3\2"))),
    "version 2": record(message(hello(version=b"\2\0"))),
    "supported versions, none known": record(message(hello(more=extension(43, b"\2\x7f\0")))),
    "supported versions, old ones": record(message(hello(more=extension(43, b"\4\3\1\3\2")))),
    "supported versions, none": record(message(hello(more=extension(43, b"\0")))),
    "no ciphers": record(message(hello(ciphers=b"\0\0"))),
    "half a cipher": record(message(hello(ciphers=b"\0\3\xc0\x2b\xc0"))),
    "ciphers of nobody's": record(message(hello(ciphers=b"\0\4\xee\xee\0\0"))),
    "export ciphers": record(message(hello(ciphers=b"\0\6\0\3\0\6\0\x08"))),
    "anonymous ciphers": record(message(hello(ciphers=b"\0\4\0\x34\xc0\x18"))),
    "RC4 and 3DES": record(message(hello(ciphers=b"\0\6\0\4\0\5\0\x0a"))),
    "a session of 33 bytes": record(message(hello(session=b"\x21" + bytes(33)))),
    "a session that ends late": record(message(hello(session=b"\xff"))),
    "no compression": record(message(hello(compressions=b"\0"))),
    "compression only": record(message(hello(compressions=b"\1\1"))),
    "extensions that end late": record(message(hello(length=0xFFFF))),
    "extensions that end early": record(message(hello(length=len(NEEDED) - 6))),
    "bytes behind the extensions": record(message(hello() + b"x")),
    "an extension that ends late": record(message(hello(more=extension(23, b"", length=100)))),
    "an extension twice": record(message(hello(more=extension(23, b"") * 2))),
    "a name of 64 KiB": record(message(hello(more=extension(0, b"\xff\xff\0\xff\xff")))),
    "an empty name": record(message(hello(more=extension(0, b"\0\3\0\0\0")))),
    "a name with NUL": record(message(hello(more=extension(0, b"\0\6\0\0\3a\0b")))),
    "protocols that end late": record(message(hello(more=extension(16, b"\0\2\xffh")))),
    "an empty protocol": record(message(hello(more=extension(16, b"\0\1\0")))),
    "nothing but a length": record(message(b"", length=100)),
    "an empty hello": record(message(b"")),
}

# What other protocols begin with.
NO_TLS = {
    "SSH": b"SSH-2.0-OpenSSH_9.2\r\n",
    "SMTP": b"EHLO localhost\r\nSTARTTLS\r\n",
    "SOCKS": b"\5\1\0",
    "HTTP/2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "the PROXY protocol": b"PROXY TCP4 192.0.2.1 192.0.2.2 1 2\r\n" + record(message(hello())),
    "the PROXY protocol, version 2": b"\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c" + bytes(12) + record(message(hello())),
    "SSL 2": b"\x80\x2e\1\0\2\0\x15\0\0\0\x10\1\0\x80\2\0\x80\3\0\x80\4\0\x80\5\0\x80\6\0\x40\7\0\xc0" + b"c" * 16,
    "an alert": record(b"\2\x28", kind=ALERT),
    "ChangeCipherSpec": record(b"\1", kind=20),
    "what is secret": record(b"x" * 100, kind=23),
    "a heartbeat": record(b"\1\x40\0", kind=24),
    "NUL": bytes(1000),
    "0xff": b"\xff" * 1000,
    "remote desktop": b"\3\0\0\x13\x0e\xe0\0\0\0\0\0\1\0\x08\0\3\0\0\0",
}


def answer(port: int, data: bytes) -> bytes:
    """All that comes back for these bytes, behind which the client says that there are no more."""
    received = b""
    with socket.create_connection(("127.0.0.1", port), 20 * PATIENCE) as sock, contextlib.suppress(ConnectionError):
        sock.sendall(data)
        end(sock)
        while more := sock.recv(1 << 16):
            received += more
    return received


def is_refusal(received: bytes) -> bool:
    """Nothing, or an alert."""
    return received[:1] in (b"", bytes([ALERT]))
