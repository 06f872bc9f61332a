"""A foreign relay in the deployed spelling, as PROTOCOL.md §1 and §2 describe the public one.

`fpw-rid` and `fpw-uip`, Title-Case names inside `fpw-header`, 200 with an empty body as the idle expiry, no extensions.
A test makes visits by `visit(…)`, has single POSTs answered differently by `script(…)`, and reads `posts`.
"""

from __future__ import annotations

import json
import os
import secrets
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from parts.wire import Connection, Fields, Head, Server, response

PUBLIC_TOKEN = "21a018194adc44e7"


@dataclass
class Post:
    """A slot's POST. `body` is None until all of it has come."""

    head: Head
    connection: Connection
    arrived: float
    body: bytes | None = field(default=None, repr=False)

    @property
    def rid(self) -> str | None:
        return self.head.get("fpw-rid") or self.head.get("fpw-id")

    @property
    def is_reply(self) -> bool:
        return self.rid is not None

    def read_body(self) -> None:
        self.body = self.connection.read_body(self.head)


@dataclass(frozen=True)
class Reply:
    status: int
    fields: dict[str, str | list[str]]
    body: bytes
    post: Post = field(repr=False)


class Visit:
    """A visitor's request on its way. `wire` is the whole answer that hands it to a slot."""

    def __init__(self, fields: dict[str, str | bytes | None], body: bytes):
        self.rid = fields.get("fpw-id") or fields["fpw-rid"]
        self.is_last = False
        self._replied = threading.Event()
        self._reply: Reply | None = None
        self.wire = response(200, [(name, _text(value)) for name, value in fields.items() if value is not None], body)

    def replied(self, post: Post) -> None:
        if not self._replied.is_set():
            fields = json.loads(post.head.get("fpw-header") or "{}")
            self._reply = Reply(int(post.head.get("fpw-status") or 0), fields, post.body or b"", post)
            self._replied.set()

    def reply(self, within: float = 20) -> Reply:
        assert self._replied.wait(within), "no reply came to the visit"
        assert self._reply is not None
        return self._reply


def _text(value: str | bytes) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else value


class _Slot:
    """A parked POST, woken through a file descriptor so that it can watch its peer meanwhile."""

    def __init__(self):
        self.visit: Visit | None = None
        self.wakeup = os.eventfd(0)


Answer = Callable[["Relay", Post], None]


class Relay(Server):
    """`hold` is how long it holds a poll, in seconds; `idle_answer` what it then says."""

    def __init__(self, host: str, token: str, hold: float = 180, **named):
        super().__init__(**named)
        self.host, self.token, self.hold = host, token, hold
        self.idle_answer: tuple[int, Fields, bytes] = (200, (), b"")
        self.takes_chunked = True
        self.posts: list[Post] = []
        self._changed = threading.Condition()
        self._parked: list[_Slot] = []
        self._waiting: list[Visit] = []
        self._under_way: dict[str, Visit] = {}
        self._scripts: list[tuple[Callable[[Post], bool], Answer]] = []

    # What tests do.

    def start_visit(
        self,
        method="GET",
        target="/",
        fields=None,
        body: bytes = b"",
        address="203.0.113.9",
        damage: Callable[[bytes], bytes] | None = None,
        **lies: str | bytes | None,
    ) -> Visit:
        """Hands a visit to the next free slot.

        `lies` replace what the protocol would say (`fpw_url=b"@evil/"`); None leaves it out. `damage` makes what goes
        over the wire out of the whole answer; the connection ends with it.
        """
        honest = {
            "fpw-rid": secrets.token_hex(16),
            "fpw-method": method,
            "fpw-url": target,
            "fpw-uip": address,
            "fpw-header": json.dumps({"Host": self.host} if fields is None else fields),
        }
        lies = {name.replace("_", "-"): value for name, value in lies.items()}
        visit = Visit(honest | lies, body)
        if damage:
            visit.wire, visit.is_last = damage(visit.wire), True
        with self._changed:
            self._under_way[visit.rid] = visit
            self._waiting.append(visit)
            self._hand_over()
        return visit

    def visit(self, *arguments, within: float = 20, **named) -> Reply:
        return self.start_visit(*arguments, **named).reply(within)

    def script(self, answer: Answer, on: Callable[[Post], bool] = lambda post: True, times: int = 1) -> None:
        """Answers the next POST (the next `times`) that `on` holds for by `answer`, its body not yet read."""
        with self._changed:
            self._scripts += [(on, answer)] * times

    def wait_for(self, condition: Callable[[], bool], within: float = 10) -> bool:
        """Waits until `condition` holds; it is looked at whenever a POST has come or has been parked."""
        with self._changed:
            return self._changed.wait_for(condition, within)

    def wait_for_posts(self, count: int, within: float = 10) -> bool:
        return self.wait_for(lambda: len(self.posts) >= count, within)

    def wait_for_parked(self, count: int = 1, within: float = 10) -> bool:
        return self.wait_for(lambda: len(self._parked) >= count, within)

    def replies_to(self, visit: Visit) -> list[Post]:
        return [post for post in self.posts if post.rid == visit.rid]

    # What a relay does.

    def serve(self, connection: Connection) -> None:
        while head := connection.read_head():
            if head.get("fpw-host") and head.get("fpw-token"):
                self._serve_slot(Post(head, connection, time.monotonic()))
            else:
                self._serve_visitor(connection, head)
                if head.get("connection") == "close":
                    return

    def _serve_visitor(self, connection: Connection, head: Head) -> None:
        fields: dict[str, list[str]] = {}
        for name, value in head.fields:
            fields.setdefault(name.title(), []).append(value)
        joined = {name: values if len(values) > 1 else values[0] for name, values in fields.items()}
        body = connection.read_body(head)
        reply = self.visit(head.method, head.target, joined, body, connection.sock.getpeername()[0], within=60)
        pairs = [
            (name, value)
            for name, values in reply.fields.items()
            for value in (values if isinstance(values, list) else [values])
        ]
        connection.respond(reply.status, pairs, reply.body)

    def _serve_slot(self, post: Post) -> None:
        with self._changed:
            self.posts.append(post)
            scripted = next((entry for entry in self._scripts if entry[0](post)), None)
            if scripted:
                self._scripts.remove(scripted)
            self._changed.notify_all()
        if scripted:
            return scripted[1](self, post)
        if post.head.is_chunked and not self.takes_chunked:
            post.connection.respond(411)
            # Closed at once, with bytes unread, the connection would be reset, and the answer perhaps lost with it.
            post.connection.peer_leaves()
            return post.connection.close()
        post.read_body()
        if (post.head.get("fpw-host"), post.head.get("fpw-token")) != (self.host, self.token):
            return post.connection.respond(403, body=b"token or host refused")
        self.take(post)
        self.park(post)

    def take(self, post: Post) -> None:
        """Hands the reply that the POST carries to its visitor."""
        with self._changed:
            visit = self._under_way.pop(post.rid, None) if post.rid else None
            self._changed.notify_all()
        if visit:
            visit.replied(post)

    def park(self, post: Post) -> None:
        """Holds the POST as the slot's next poll until a visit comes, the time is over or the peer leaves."""
        slot = _Slot()
        with self._changed:
            self._parked.append(slot)
            self._hand_over()
            self._changed.notify_all()
        woken = post.connection.readable(slot.wakeup, within=self.hold)
        with self._changed:
            if slot in self._parked:
                self._parked.remove(slot)
        os.close(slot.wakeup)
        if slot.visit:
            post.connection.send(slot.visit.wire)
            if slot.visit.is_last:
                post.connection.sock.shutdown(socket.SHUT_WR)
        elif not woken:
            post.connection.respond(*self.idle_answer)
        else:
            post.connection.close()

    def _hand_over(self) -> None:
        while self._parked and self._waiting:
            slot = self._parked.pop()
            slot.visit = self._waiting.pop(0)
            os.eventfd_write(slot.wakeup, 1)


# Answers for `script`.


def saying(status: int, fields: Fields = (), body: bytes = b"") -> Answer:
    """Reads the POST whole, then answers so."""

    def answer(relay: Relay, post: Post) -> None:
        post.read_body()
        post.connection.respond(status, fields, body)

    return answer


def refusing(status: int, fields: Fields = ()) -> Answer:
    """Answers before the POST's body has been read, and closes."""

    def answer(relay: Relay, post: Post) -> None:
        post.connection.respond(status, [*fields, ("Connection", "close")])
        post.connection.close()

    return answer


def breaking(after: int | None = None, having_taken: bool = False) -> Answer:
    """Resets the connection after so many bytes of the body, or closes it after all of it; never says a word."""

    def answer(relay: Relay, post: Post) -> None:
        if after is None:
            post.read_body()
            if having_taken:
                relay.take(post)
            return post.connection.close()
        read = 0
        for part in post.connection.body_parts(post.head) if after else ():
            read += len(part)
            if read >= after:
                break
        post.connection.reset()

    return answer
