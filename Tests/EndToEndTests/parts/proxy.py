"""What may stand between fpwd and a relay: a path that can be cut, and proxies."""

from __future__ import annotations

import socket
import threading
from base64 import b64encode

from parts.wire import Connection, Server


def carry(source: Connection, sink: Connection) -> None:
    """Passes bytes on until either end leaves."""
    try:
        while data := source.read_some(1 << 16):
            sink.send(data)
    except OSError:
        pass
    sink.close()
    source.close()


class Carrier(Server):
    """Joins each connection with one to somewhere else."""

    def join(self, near: Connection, host: str, port: int) -> None:
        far = Connection(socket.create_connection((host, port)), near.number)
        back = threading.Thread(target=carry, args=[far, near], daemon=True)
        back.start()
        self.carry_forth(near, far)
        back.join()

    def carry_forth(self, near: Connection, far: Connection) -> None:
        carry(near, far)


class Cable(Carrier):
    """Carries bytes to `port`. `cut_next(mark, after)` resets, both ways, the connection that says `mark` next."""

    def __init__(self, port: int, **named):
        super().__init__(**named)
        self._far_port = port
        self._lock = threading.Lock()
        self._cuts: list[tuple[bytes, int]] = []
        self.cuts_made = 0

    def cut_next(self, mark: bytes, after: int) -> None:
        """Lets `after` bytes pass from `mark` on (in one piece of what the near end sends), then cuts."""
        with self._lock:
            self._cuts.append((mark, after))

    def cut_all(self) -> None:
        for connection in self.connections:
            connection.reset()

    def serve(self, connection: Connection) -> None:
        self.join(connection, "127.0.0.1", self._far_port)

    def _taken_cut(self, data: bytes) -> int | None:
        with self._lock:
            for cut in self._cuts:
                if cut[0] in data:
                    self._cuts.remove(cut)
                    return data.index(cut[0]) + cut[1]
        return None

    def carry_forth(self, near: Connection, far: Connection) -> None:
        left: int | None = None
        try:
            while data := near.read_some(1 << 16):
                if left is None:
                    left = self._taken_cut(data)
                if left is not None and left <= len(data):
                    far.send(data[:left])
                    self.cuts_made += 1
                    near.reset()
                    return far.reset()
                if left is not None:
                    left -= len(data)
                far.send(data)
        except OSError:
            pass
        far.close()
        near.close()


class Proxy(Carrier):
    """Leads everywhere, for everybody or for a `user` (`name:password`) only; `asked` is where it was asked to go."""

    scheme = "http"

    def __init__(self, user: str | None = None, **named):
        super().__init__(**named)
        self.user = user
        self.asked: list[tuple[str, int]] = []
        self.url = f"{self.scheme}://{user + '@' if user else ''}127.0.0.1:{self.port}"


class HTTPProxy(Proxy):
    """Opens tunnels by CONNECT (RFC 9110 §9.3.6)."""

    def serve(self, connection: Connection) -> None:
        while head := connection.read_head():
            assert head.method == "CONNECT", head
            host, _, port = head.target.rpartition(":")
            self.asked.append((host, int(port)))
            if self.user and head.get("proxy-authorization") != f"Basic {b64encode(self.user.encode()).decode()}":
                connection.respond(407, [("Proxy-Authenticate", 'Basic realm="proxy"')])
                continue
            connection.send(b"HTTP/1.1 200 -\r\n\r\n")
            return self.join(connection, host, int(port))


class SOCKSProxy(Proxy):
    """Opens tunnels by SOCKS 5 (RFC 1928), its users known by RFC 1929."""

    scheme = "socks5h"

    def serve(self, connection: Connection) -> None:
        methods = connection.read(connection.read(2)[1])
        method = 2 if self.user else 0
        if method not in methods:
            return connection.send(b"\x05\xff")
        connection.send(b"\x05%c" % method)
        if self.user and not self._knows(connection):
            return connection.send(b"\x01\x01")
        host, port = self._destination(connection)
        self.asked.append((host, port))
        connection.send(b"\x05\x00\x00\x01" + bytes(6))
        return self.join(connection, host, port)

    def _knows(self, connection: Connection) -> bool:
        name = connection.read(connection.read(2)[1])
        password = connection.read(connection.read(1)[0])
        known = b"%b:%b" % (name, password) == self.user.encode()
        if known:
            connection.send(b"\x01\x00")
        return known

    def _destination(self, connection: Connection) -> tuple[str, int]:
        kind = connection.read(4)[3]
        if kind == 1:
            host = socket.inet_ntop(socket.AF_INET, connection.read(4))
        elif kind == 4:
            host = socket.inet_ntop(socket.AF_INET6, connection.read(16))
        else:
            host = connection.read(connection.read(1)[0]).decode()
        return host, int.from_bytes(connection.read(2))
