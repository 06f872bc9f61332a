"""A TCP path that can be cut: between fpwd and a relay it plays the broken middlebox."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable

from parts.wire import Connection, Server


class Cable(Server):
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
        far = Connection(socket.create_connection(("127.0.0.1", self._far_port)), connection.number)
        back = threading.Thread(target=self._carry, args=[far, connection, lambda data: None], daemon=True)
        back.start()
        self._carry(connection, far, self._taken_cut)
        back.join()

    def _taken_cut(self, data: bytes) -> int | None:
        with self._lock:
            for cut in self._cuts:
                if cut[0] in data:
                    self._cuts.remove(cut)
                    return data.index(cut[0]) + cut[1]
        return None

    def _carry(self, source: Connection, sink: Connection, cut_in: Callable[[bytes], int | None]) -> None:
        left: int | None = None
        try:
            while data := source.read_some(1 << 16):
                if left is None:
                    left = cut_in(data)
                if left is not None and left <= len(data):
                    sink.send(data[:left])
                    self.cuts_made += 1
                    source.reset()
                    return sink.reset()
                if left is not None:
                    left -= len(data)
                sink.send(data)
        except OSError:
            pass
        sink.close()
        source.close()
