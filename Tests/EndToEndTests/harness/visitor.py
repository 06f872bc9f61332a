"""A visitor: a plain HTTP client that changes nothing and hides nothing."""

from __future__ import annotations

import errno
import http.client
import socket
import ssl
from collections.abc import Iterable
from dataclasses import dataclass

from harness.program import PATIENCE

Fields = Iterable[tuple[str, str | bytes]]


@dataclass(frozen=True)
class Answer:
    status: int
    fields: tuple[tuple[str, str], ...]
    body: bytes

    def get(self, name: str) -> str | None:
        return next(iter(self.all(name)), None)

    def all(self, name: str) -> list[str]:
        return [value for field, value in self.fields if field.lower() == name]

    @property
    def text(self) -> str:
        return self.body.decode()


def end(sock: socket.socket, way: int = socket.SHUT_WR) -> None:
    """Ends a TCP connection's way, under TLS too: asked to, Python would speak on without it.

    The peer may have ended it before.
    """
    try:
        socket.socket.shutdown(sock, way)
    except OSError as error:
        if error.errno != errno.ENOTCONN:
            raise


class Visitor:
    """Visits `host` by way of a port on loopback; a connection for each visit."""

    def __init__(self, port: int, host: str, tls: ssl.SSLContext | None = None):
        self.port, self.host, self.tls = port, host, tls
        self.url = f"{'https' if tls else 'http'}://127.0.0.1:{port}/"

    def connection(self, within: float = 30) -> http.client.HTTPConnection:
        if self.tls:
            return http.client.HTTPSConnection("localhost", self.port, timeout=within * PATIENCE, context=self.tls)
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=within * PATIENCE)

    def open(
        self,
        method: str = "GET",
        target: str = "/",
        fields: Fields = (),
        body=None,
        within: float = 30,
        connection: http.client.HTTPConnection | None = None,
    ) -> http.client.HTTPResponse:
        """The answer as soon as its head has come; its body is the caller's to read."""
        connection = connection or self.connection(within)
        connection.putrequest(method, target, skip_host=True, skip_accept_encoding=True)
        fields = list(fields)
        names = {name.lower() for name, _ in fields}
        if "host" not in names:
            connection.putheader("Host", self.host)
        if body is not None and not names & {"content-length", "transfer-encoding"}:
            connection.putheader("Content-Length", str(len(body)))
        for name, value in fields:
            connection.putheader(name, value)
        connection.endheaders()
        if body is not None:
            connection.send(body)
        return connection.getresponse()

    def visit(self, *arguments, **named) -> Answer:
        """The whole answer. Raises http.client.IncompleteRead or OSError where it breaks off."""
        with self.open(*arguments, **named) as response:
            return Answer(response.status, tuple(response.getheaders()), response.read())

    def raw(self, within: float = 20) -> socket.socket:
        sock = socket.create_connection(("127.0.0.1", self.port), timeout=within * PATIENCE)
        return self.tls.wrap_socket(sock, server_hostname="localhost") if self.tls else sock

    def say(self, request: bytes, within: float = 20) -> bytes:
        """Everything that comes back for these bytes until the far end closes."""
        with self.raw(within) as sock:
            sock.sendall(request)
            received = b""
            while data := sock.recv(1 << 16):
                received += data
            return received
