"""What the status page talks to, in Python: serves the page, and the data that a test scripts.

    python -m parts.page_mock [--program fpw-relay] [--port 9900] [--tunnels 3]

shows it with lively data, for work on the page.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import json
import re
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

SOURCES = Path(__file__).parents[3] / "Sources/CFPWPage"
BOUNDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60]
KEPT_VISITS, ANSWERED_VISITS, KEPT_BODY = 1000, 200, 256 << 10

Message = dict[str, object]
"""`status` or `method` and `target`; `headers` as pairs; `body` as bytes."""


def page() -> str:
    """The page, put together as page.c does it."""
    parts = re.findall(r'#embed "(.*?)"', (SOURCES / "page.c").read_text())
    return "".join((SOURCES / part).read_text() for part in parts)


def policy(page: str) -> str:
    """The Content-Security-Policy under which the page must work: its one style and its one script, by their hashes."""

    def source(element: str) -> str:
        (inside,) = re.findall(f"<{element}>(.*?)</{element}>", page, re.DOTALL)
        return f"'sha256-{base64.b64encode(hashlib.sha256(inside.encode()).digest()).decode()}'"

    return (
        f"default-src 'none'; script-src {source('script')}; style-src {source('style')}; connect-src 'self'; "
        "img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )


class PageMock:
    """The server side of the page, on a port of loopback.

    `places` are its tunnels or hosts, by name; a test changes them as it likes. `answer` makes the reply to a request.
    """

    def __init__(self, program: str = "fpwd", inspector: bool = True, port: int = 0):
        self.program, self.inspector, self.port = program, inspector, port
        self.ready, self.problem, self.refusal, self.stopped = True, None, 0, False
        self.started = time.time() - 3600
        self.places: dict[str, dict] = {}
        self.answer: Callable[[Message], Message] = lambda request: {"status": 200, "headers": [], "body": b"ok"}
        self.sent: list[tuple[int, dict]] = []
        self._visits: list[dict] = []
        self._newest = 0
        self._lock = threading.RLock()

    def __enter__(self) -> PageMock:
        handler = type("Handler", (_Handler,), {"mock": self})
        self._server = ThreadingHTTPServer(("127.0.0.1", self.port), handler)
        self.port = self._server.server_port
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_) -> None:
        self.stop()

    def stop(self) -> None:
        """Listens no more; connections that are open end with the request they carry next."""
        self.stopped = True
        self._server.shutdown()
        self._server.server_close()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/"

    def tunnel(self, name: str, url: str = "https://demo.example.test/", **facts) -> dict:
        slots = {"confirmed": 4, "assumed": 0, "busy": 0, "backoff": 0, "draining": 0, "opening": 0}
        link = {"link": "up", "trouble": None, "upstream": "http://127.0.0.1:8080", "upstream_up": True, "relay": url}
        return self._place(name, url, slots, {"slots_max": 10} | link | facts)

    def host(self, name: str, url: str = "https://demo.example.test/", **facts) -> dict:
        return self._place(name, url, {"parked": 4, "busy": 0}, {"waiting": 0, "hand_overs": 0} | facts)

    def _place(self, name: str, url: str, slots: dict, facts: dict) -> dict:
        counters = {"visits": 0, "errors": 0, "received": 0, "sent": 0}
        latency = {"bounds": BOUNDS, "counts": [0] * (len(BOUNDS) + 1)}
        self.places[name] = {"name": name, "url": url, "slots": slots, "latency": latency} | counters | facts
        return self.places[name]

    def visit(self, request: Message, seconds: float = 0.012, replay_of: int | None = None, **facts) -> int:
        """A visit that comes in and is answered. Its number."""
        with self._lock:
            reply = self.answer(request)
            place = self.places[facts.get("tunnel") or next(iter(self.places))]
            self._newest += 1
            self._visits.append(self._recorded(request, reply, place["name"], seconds, replay_of) | facts)
            del self._visits[:-KEPT_VISITS]
            self._count(place, self._visits[-1], seconds)
            return self._newest

    def _recorded(self, request: Message, reply: Message, name: str, seconds: float, replay_of: int | None) -> dict:
        return {
            "id": self._newest,
            "request_id": hashlib.md5(str(self._newest).encode()).hexdigest()[:16],
            "at": int(time.time() * 1000),
            "tunnel": name,
            "method": request["method"],
            "target": request["target"],
            "status": reply["status"],
            "upstream_ms": round(seconds * 930, 2),
            "total_ms": round(seconds * 1000, 2),
            "received": len(request.get("body", b"")),
            "sent": len(reply.get("body", b"")),
            "address": "203.0.113.7",
            "replay_of": replay_of,
            "error": None,
            "kept": self.inspector,
            "messages": (request, reply),
        }

    @staticmethod
    def _count(place: dict, visit: dict, seconds: float) -> None:
        place["visits"] += 1
        place["errors"] += visit["status"] is None or visit["status"] >= 500
        place["received"] += visit["received"]
        place["sent"] += visit["sent"]
        counts = place["latency"]["counts"]
        for index, bound in enumerate([*BOUNDS, float("inf")]):
            counts[index] += seconds <= bound

    def forget(self, number: int) -> None:
        """What a visit carried is no longer kept."""
        self._find(number)["kept"] = False

    def restart(self) -> None:
        """The program begins anew: counters, visits and their numbers."""
        with self._lock:
            self.started, self._visits, self._newest = time.time(), [], 0
            for place in self.places.values():
                place |= {"visits": 0, "errors": 0, "latency": {"bounds": BOUNDS, "counts": [0] * (len(BOUNDS) + 1)}}

    # What the page asks for.

    def state(self, after: int) -> dict:
        with self._lock:
            visits = [self._summary(visit) for visit in self._visits if visit["id"] > after][:ANSWERED_VISITS]
            facts = {"program": self.program, "version": "0.1.0", "started": self.started, "now": time.time()}
            facts |= {"ready": self.ready, "inspector": self.inspector, "problem": self.problem}
            places = {"hosts" if self.program == "fpw-relay" else "tunnels": list(self.places.values())}
            return json.loads(json.dumps(facts | places | {"visits": visits, "newest": self._newest}))

    @staticmethod
    def _summary(visit: dict) -> dict:
        return {key: value for key, value in visit.items() if key != "messages"}

    def _find(self, number: int) -> dict | None:
        return next((visit for visit in self._visits if visit["id"] == number and visit["kept"]), None)

    def detail(self, number: int) -> dict | None:
        with self._lock:
            if not (visit := self._find(number)):
                return None
            request, reply = map(self._shown, visit["messages"])
            return self._summary(visit) | {"request": request, "response": reply if visit["status"] else None}

    @staticmethod
    def _shown(message: Message) -> dict:
        body = message.get("body", b"")
        headers = [
            [name, "<redacted>" if name.lower() in ("authorization", "cookie", "set-cookie") else value]
            for name, value in message["headers"]
        ]
        kept = {"body": base64.b64encode(body[:KEPT_BODY]).decode(), "body_size": len(body)}
        return message | kept | {"headers": headers, "truncated": len(body) > KEPT_BODY}

    def send(self, number: int, changes: dict) -> tuple[int, dict]:
        with self._lock:
            if not (visit := self._find(number)):
                return 404, {"error": "this visit is no longer kept"}
            request = dict(visit["messages"][0])
            self.sent.append((number, changes))
            if changes:
                request |= {"method": changes["method"], "target": changes["target"]}
                request["headers"] = [self._original(request["headers"], *field) for field in changes["headers"]]
                if "body" in changes:
                    request["body"] = base64.b64decode(changes["body"])
            if not str(request["target"]).startswith("/"):
                return 400, {"error": "the target must start with /"}
            return 200, {"id": self.visit(request, tunnel=visit["tunnel"], replay_of=number, address="127.0.0.1")}

    @staticmethod
    def _original(headers: list, name: str, value: str) -> list:
        known = [original for key, original in headers if key.lower() == name.lower()]
        return [name, known[0] if value == "<redacted>" and known else value]


class _Handler(BaseHTTPRequestHandler):
    mock: PageMock
    protocol_version = "HTTP/1.1"

    def parse_request(self) -> bool:
        self.close_connection = self.mock.stopped
        return not self.mock.stopped and super().parse_request()

    def do_GET(self) -> None:
        url = urlsplit(self.path)
        if url.path == "/":
            text = page()
            self._respond(200, text.encode(), "text/html; charset=utf-8", policy(text))
        elif self.mock.refusal:
            self._json(self.mock.refusal, {"error": "refused"})
        elif url.path == "/ui/state":
            self._json(200, self.mock.state(int(parse_qs(url.query).get("after", ["0"])[0])))
        elif found := re.fullmatch(r"/ui/visits/(\d+)", url.path):
            detail = self.mock.detail(int(found[1]))
            self._json(200 if detail else 404, detail or {"error": "this visit is no longer kept"})
        else:
            self._json(404, {"error": "not found"})

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        found = re.fullmatch(r"/ui/visits/(\d+)/send", self.path)
        same = self.headers["origin"] == self.mock.url.rstrip("/")
        self._json(*(self.mock.send(int(found[1]), body) if found and same else (403, {"error": "refused"})))

    def _json(self, status: int, value: dict) -> None:
        self._respond(status, json.dumps(value).encode(), "application/json")

    def _respond(self, status: int, body: bytes, kind: str, policy: str = "default-src 'none'") -> None:
        self.send_response(status)
        fields = {"Content-Type": kind, "Content-Length": str(len(body)), "Content-Security-Policy": policy}
        for name, value in fields.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_) -> None:
        pass


def main() -> None:
    from parts.page_data import enliven

    options = argparse.ArgumentParser(description="Shows the status page with lively data.")
    options.add_argument("--program", default="fpwd", choices=["fpwd", "fpw-relay"])
    options.add_argument("--port", type=int, default=9900)
    options.add_argument("--tunnels", type=int, default=1)
    chosen = options.parse_args()
    with PageMock(chosen.program, inspector=chosen.program == "fpwd", port=chosen.port) as mock:
        print(mock.url, flush=True)
        enliven(mock, chosen.tunnels)


if __name__ == "__main__":
    main()
