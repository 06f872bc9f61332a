"""What bytes mean as HTTP/1.1 to somebody else: h11 decides, a reader that shares no code with the programs."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Literal

import h11

LIMIT = 1 << 22
TOKEN = rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
# A field line, also one that goes on with the line before.
FIELD = rb"(" + TOKEN + rb":|[ \t])[\t\x20-\x7e\x80-\xff]*"


@dataclass(frozen=True)
class Request:
    host: str
    method: str
    target: str
    body: bytes


@dataclass
class Reading:
    """The messages in some bytes, and how they end: after a whole message, within one, or at one that is none."""

    messages: list = field(default_factory=list)
    end: Literal["whole", "incomplete", "error"] = "whole"


def requests(data: bytes) -> Reading:
    """The requests on a connection, each of them whole; those behind one that closes it are none."""
    reading = Reading()
    # RFC 9112 §2.2: empty lines before a request are to be ignored. h11 does not.
    while data := data.removeprefix(b"\r\n").removeprefix(b"\r\n"):
        connection = h11.Connection(h11.SERVER, LIMIT)
        try:
            request, body = message(connection, data)
        except h11.RemoteProtocolError:
            reading.end = "error"
            return reading
        if request is None:
            reading.end = "incomplete"
            return reading
        reading.messages.append(_routed(request, body))
        data = connection.trailing_data[0] if connection.their_state is h11.DONE else b""
    return reading


def answers(data: bytes, methods: list[str], closed: bool = True) -> Reading:
    """The answers to requests with these methods, as (status, fields, body), bodies without content codings undone."""
    reading = Reading()
    for method in methods:
        connection = h11.Connection(h11.CLIENT, LIMIT)
        connection.send(h11.Request(method=method, target="/", headers=[("Host", "h")]))
        connection.send(h11.EndOfMessage())
        try:
            response, body = message(connection, data, closed)
        except h11.RemoteProtocolError:
            reading.end = "error"
            return reading
        if response is None:
            reading.end = "incomplete"
            return reading
        fields = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in response.headers]
        reading.messages.append((response.status_code, fields, body))
        data = connection.trailing_data[0] if connection.their_state is h11.DONE else b""
    return reading


def tolerantly(data: bytes) -> bytes:
    """An answer's bytes without what libcurl, as browsers do, reads over.

    That is an odd reason, a CR too many before a line's end and anything behind a chunk's size. Interim heads, trailers
    and lines that are no fields are left out too.
    """
    head, is_chunked = b"", False
    start = rb"HTTP/\d(?:\.\d)? +(\d{3})(?!\d)[^\n]*\n((?:[^\r\n][^\n]*\n)*)(?:\r[^\n]*)?\n"
    while found := re.match(start, data):
        lines = [_field(line.rstrip(b"\r")) for line in found[2].split(b"\n")]
        fields = [line for line in lines if re.fullmatch(FIELD, line)]
        head = b"HTTP/1.1 %b -\r\n%b\r\n" % (found[1], b"".join(line + b"\r\n" for line in fields))
        data, is_chunked = data[found.end() :], CHUNKED in fields
        if found[1] >= b"200":
            break
    return head + (_chunks(data) if is_chunked else data)


CHUNKED = b"transfer-encoding: chunked"


def _field(line: bytes) -> bytes:
    """A list may have empty elements, which mean nothing (RFC 9110 §5.6.1.2), and `identity` meant nothing once."""
    name, _, value = line.partition(b":")
    if name.lower() != b"transfer-encoding":
        return line
    codings = [element.strip(b" \t").lower() for element in value.split(b",")]
    codings = [coding for coding in codings if coding not in (b"", b"identity")]
    return b"transfer-encoding: " + b", ".join(codings) if codings else b""


def _chunks(data: bytes) -> bytes:
    whole = b""
    while found := re.match(rb"([0-9a-fA-F]{1,16})[^\n]*\n", data):
        start, size = found.end(), int(found[1], 16)
        if size == 0:
            return whole + (b"0\r\n\r\n" if b"\n" in data[start:] else b"0\r\n")
        ending = re.compile(rb"\r*\n").match(data, start + size)
        if not ending:
            break
        whole, data = whole + b"%x\r\n%b\r\n" % (size, data[start : start + size]), data[ending.end() :]
    return whole


def message(connection: h11.Connection, data: bytes, closed: bool = False):
    """The first message's head and body; the head is None where it is not whole."""
    connection.receive_data(data)
    if closed:
        connection.receive_data(b"")
    head, body = None, b""
    while True:
        event = connection.next_event()
        if isinstance(event, h11.Request | h11.Response):
            head = event
        elif isinstance(event, h11.Data):
            body += event.data
        elif isinstance(event, h11.EndOfMessage):
            return head, body
        elif event in (h11.NEED_DATA, h11.PAUSED) or isinstance(event, h11.ConnectionClosed):
            return None, body


def _routed(request: h11.Request, body: bytes) -> Request:
    """An absolute form's authority stands in the place of Host (RFC 9112 §3.2.2)."""
    host = next((value.decode("latin-1") for name, value in request.headers if name == b"host"), "")
    target = request.target.decode("latin-1")
    if absolute := re.match(r"(?i)https?://([^/?#]*)(.*)", target):
        host, target = absolute[1], absolute[2]
        target = target if target.startswith("/") else "/" + target
    name = re.sub(r":\d*$", "", host).lower()
    return Request(name.removesuffix("."), request.method.decode("latin-1"), target, body)


def is_strict(head: bytes) -> bool:
    """Whether a head that a program wrote is HTTP/1.1 in its narrowest reading: no folding, no control characters."""
    first, *lines = head.removesuffix(b"\r\n\r\n").split(b"\r\n")
    start = rb"(" + TOKEN + rb" [\x21-\x7e]+ HTTP/1\.1|HTTP/1\.1 [1-5][0-9][0-9] [\t\x20-\x7e]*)"
    return bool(re.fullmatch(start, first)) and all(
        re.fullmatch(FIELD, line) and line[:1] not in b" \t" for line in lines
    )
