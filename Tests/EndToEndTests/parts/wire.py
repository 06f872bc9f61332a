"""HTTP/1.1 as bytes: enough to read any request, and to say anything at all in return.

A real server library would refuse to misbehave. These parts must be able to.
"""

from __future__ import annotations

import contextlib
import ctypes
import select
import socket
import ssl
import struct
import threading
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

Fields = Iterable[tuple[str, str]]


@dataclass(frozen=True)
class Head:
    """A request's head; text is Latin-1, so that every byte survives."""

    method: str
    target: str
    fields: tuple[tuple[str, str], ...]
    raw: bytes

    @classmethod
    def parse(cls, raw: bytes) -> Head:
        first, *lines = raw.decode("latin-1").removesuffix("\r\n\r\n").split("\r\n")
        method, target, _version = first.split(" ")
        pairs = (line.partition(":") for line in lines)
        return cls(method, target, tuple((name, value.strip(" \t")) for name, _, value in pairs), raw)

    def get(self, name: str) -> str | None:
        return next(iter(self.all(name)), None)

    def all(self, name: str) -> list[str]:
        return [value for field, value in self.fields if field.lower() == name]

    @property
    def is_chunked(self) -> bool:
        return (self.get("transfer-encoding") or "").lower() == "chunked"


class Connection:
    """One accepted connection. `number` counts from 1 in the order of arrival."""

    def __init__(self, sock: socket.socket, number: int):
        self.sock, self.number = sock, number
        self._ahead = b""

    # Reading. The peer's leaving reads as the end.

    def read_some(self, limit: int = 1 << 18) -> bytes:
        if self._ahead:
            data, self._ahead = self._ahead[:limit], self._ahead[limit:]
            return data
        try:
            return self.sock.recv(limit)
        except OSError:
            return b""

    def _read_until(self, mark: bytes) -> bytes | None:
        data = b""
        while mark not in data:
            more = self.read_some()
            if not more:
                return None
            data += more
        end = data.index(mark) + len(mark)
        self._ahead = data[end:]
        return data[:end]

    def read_head(self) -> Head | None:
        raw = self._read_until(b"\r\n\r\n")
        return Head.parse(raw) if raw else None

    def body_parts(self, head: Head) -> Iterator[bytes]:
        """The body as it arrives. Raises ConnectionError where the peer leaves before its end."""
        if head.is_chunked:
            while size := self._chunk_size():
                yield from self._exactly(size)
                self._read_until(b"\r\n")
            self._read_until(b"\r\n")
        else:
            yield from self._exactly(int(head.get("content-length") or 0))

    def read_body(self, head: Head) -> bytes:
        return b"".join(self.body_parts(head))

    def _chunk_size(self) -> int:
        line = self._read_until(b"\r\n")
        if line is None:
            raise ConnectionError("ended between two chunks")
        return int(line.split(b";")[0], 16)

    def read(self, count: int) -> bytes:
        return b"".join(self._exactly(count))

    def _exactly(self, count: int) -> Iterator[bytes]:
        while count:
            data = self.read_some(min(count, 1 << 18))
            if not data:
                raise ConnectionError(f"ended {count} bytes early")
            count -= len(data)
            yield data

    # Answering.

    def send(self, data: bytes) -> None:
        self.sock.sendall(data)

    def respond(self, status: int, fields: Fields = (), body: bytes = b"") -> None:
        """A whole answer, framed by its length; other framing where `fields` bring it."""
        self.send(response(status, fields, body))

    # Ending.

    def shut(self) -> None:
        """Ends the connection from any thread: the one that serves it wakes and closes it."""
        with contextlib.suppress(OSError):
            self.sock.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        self.shut()
        self.sock.close()

    def reset(self) -> None:
        """Ends the connection with a TCP reset, as a crash or a broken middlebox does."""
        with contextlib.suppress(OSError):
            reset_at_close(self.sock)
            # A thread that still reads would hold the socket open: this wakes it, without a word to the peer.
            self.sock.shutdown(socket.SHUT_RD)
        self.sock.close()

    def fall_silent(self) -> None:
        fall_silent(self.sock)

    def peer_leaves(self, within: float = 10) -> bool:
        """Waits until the peer has ended the connection, passing over what it still sends."""
        self.sock.settimeout(within)
        try:
            while self.sock.recv(1 << 16):
                pass
        except TimeoutError:
            return False
        except OSError:
            pass
        return True

    def readable(self, *others: int, within: float) -> bool:
        """Waits for bytes, an end, or one of `others` becoming readable."""
        return bool(self._ahead) or bool(select.select([self.sock, *others], [], [], within)[0])


def reset_at_close(sock: socket.socket) -> None:
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def fall_silent(sock: socket.socket) -> None:
    """From now on no packet reaches this socket: nothing is acknowledged, as from a machine that was suspended."""
    attach_filter = 26  # SO_ATTACH_FILTER (asm-generic/socket.h), which the socket module does not name
    drop_all = ctypes.create_string_buffer(struct.pack("HBBI", 0x06, 0, 0, 0))  # BPF_RET, keep 0 bytes
    sock.setsockopt(socket.SOL_SOCKET, attach_filter, struct.pack("HP", 1, ctypes.addressof(drop_all)))


def response(status: int, fields: Fields = (), body: bytes = b"") -> bytes:
    fields = list(fields)
    framed = any(name.lower() in ("content-length", "transfer-encoding") for name, _ in fields)
    if not framed and status not in (204, 304):
        fields.append(("Content-Length", str(len(body))))
    lines = [f"HTTP/1.1 {status} -", *(f"{name}: {value}" for name, value in fields)]
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + body


def chunk(data: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(data), data)


LAST_CHUNK = b"0\r\n\r\n"


class Server:
    """A listener on 127.0.0.1 with a thread for each connection. Subclasses say what a connection is served."""

    def __init__(self, port: int = 0, receive_buffer: int | None = None, tls: ssl.SSLContext | None = None):
        self.connections: list[Connection] = []
        self._tls = tls
        self._listener = socket.socket()
        self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if receive_buffer:
            # Small segments keep the sender's own buffer small as well: it is sized by them.
            self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
            self._listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, 1400)
        self._listener.bind(("127.0.0.1", port))
        self._listener.listen(512)
        self.port: int = self._listener.getsockname()[1]
        self.url = f"{'https' if tls else 'http'}://127.0.0.1:{self.port}"

    def serve(self, connection: Connection) -> None:
        raise NotImplementedError

    def __enter__(self):
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_):
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for connection in self.connections:
            connection.shut()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                sock, _ = self._listener.accept()
                sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                connection = Connection(sock, len(self.connections) + 1)
                self.connections.append(connection)
                threading.Thread(target=self._serve, args=[connection], daemon=True).start()

    def _serve(self, connection: Connection) -> None:
        with contextlib.suppress(OSError):
            if self._tls:
                connection.sock = self._tls.wrap_socket(connection.sock, server_side=True)
            self.serve(connection)
        connection.close()
