"""The web service behind a tunnel, scripted by each test: a function per path, given the connection itself."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from parts.wire import Connection, Head, Server


@dataclass
class Request:
    head: Head
    connection: Connection
    body: bytes = field(default=b"", repr=False)
    is_whole: bool = False

    def read_body(self) -> None:
        self.body = self.connection.read_body(self.head)
        self.is_whole = True

    def respond(self, status: int = 200, fields=(), body: bytes = b"") -> None:
        self.connection.respond(status, fields, body)


Script = Callable[[Request], object]


class Upstream(Server):
    """Serves `hello` at `/`, what arrived at `/echo`, and whatever a test scripts. Keeps every request it saw.

    A script for a path gets the request before its body has been read, so that it may answer early or not at all.
    """

    def __init__(self, *arguments, **named):
        super().__init__(*arguments, **named)
        self.requests: list[Request] = []
        self._scripts: dict[str, Script] = {"/": hello, "/echo": echo}
        self.otherwise: Script = echo

    def on(self, path: str) -> Callable[[Script], Script]:
        """Decorates the function that serves `path`."""

        def register(script: Script) -> Script:
            self._scripts[path] = script
            return script

        return register

    def serve(self, connection: Connection) -> None:
        while head := connection.read_head():
            request = Request(head, connection)
            self.requests.append(request)
            self._scripts.get(head.target.partition("?")[0], self.otherwise)(request)

    def seen(self, path: str) -> list[Request]:
        """The requests that came for `path`, in order."""
        return [request for request in self.requests if request.head.target.partition("?")[0] == path]


def hello(request: Request) -> None:
    request.read_body()
    request.respond(200, [("Content-Type", "text/plain")], b"" if request.head.method == "HEAD" else b"hello\n")


def echo(request: Request) -> None:
    """Answers with the request's head as it stood on the wire, and its body."""
    request.read_body()
    body = b"" if request.head.method == "HEAD" else request.head.raw + request.body
    request.respond(200, [("Content-Type", "application/octet-stream")], body)


class Gate:
    """A script that holds each request until the test opens it; says how many are inside."""

    def __init__(self, answer: bytes = b"through\n"):
        self._answer = answer
        self._changed = threading.Condition()
        self._open = False
        self.inside = 0
        self.most_inside = 0

    def __call__(self, request: Request) -> None:
        request.connection.read_body(request.head)
        with self._changed:
            self.inside += 1
            self.most_inside = max(self.most_inside, self.inside)
            self._changed.notify_all()
            self._changed.wait_for(lambda: self._open, 60)
            self.inside -= 1
        request.respond(body=self._answer)

    def holds(self, count: int, within: float = 20) -> bool:
        with self._changed:
            return self._changed.wait_for(lambda: self.inside >= count, within)

    def open(self) -> None:
        with self._changed:
            self._open = True
            self._changed.notify_all()
