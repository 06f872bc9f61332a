"""A busy day behind a tunnel, for looking at the status page: visits, slots and troubles as they come in life."""

from __future__ import annotations

import gzip
import json
import math
import random
import time

NAMES = ["shop", "hooks", "blog", "api"]
ADDRESSES = ["203.0.113.7", "198.51.100.23", "192.0.2.140", "2001:db8::42", "198.51.100.77"]


def order(number: int) -> dict:
    lines = [{"sku": f"A-{number + n}", "title": "Überraschung 惊喜", "quantity": n} for n in (1, 2, 3)]
    return {"id": f"ord_{number}", "paid": True, "customer": {"name": "Lin Mei", "email": None}, "lines": lines}


def request(method: str, target: str, body: bytes = b"", kind: str = "") -> dict:
    headers = [
        ["Host", "moon-flower-snake-red-apple.28820.com"],
        ["User-Agent", "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36"],
        ["Accept", "*/*"],
        ["Accept-Encoding", "gzip, deflate"],
        ["Cookie", "session=a-secret"],
    ]
    if body:
        headers += [["Content-Type", kind], ["Content-Length", str(len(body))]]
    if "hook" in target:
        headers += [["Authorization", "Bearer a-secret"], ["X-Signature", "sha256=9f86d081884c7d659a2feaa0c55ad015"]]
    return {"method": method, "target": target, "headers": headers, "body": body}


def order_paid(number: int = 1042) -> dict:
    """A web hook."""
    document = json.dumps({"event": "order.paid", "attempt": 1, "data": order(number)}).encode()
    return request("POST", "/webhooks/payments", document, "application/json")


def some_request() -> dict:
    number = random.randrange(1000, 9999)
    document = json.dumps(order(number)).encode()
    return random.choice(
        [
            request("GET", "/"),
            request("GET", f"/products?page={number % 9}&sort=price"),
            request("GET", f"/products/{number}/reviews"),
            request("GET", "/assets/application-9b1f0c.js"),
            request("HEAD", "/health"),
            order_paid(number),
            request("POST", "/login", b"name=lin+mei&next=%2Faccount", "application/x-www-form-urlencoded"),
            request("PUT", f"/api/orders/{number}", document, "application/json; charset=utf-8"),
            request("DELETE", f"/api/carts/{number}"),
            request("GET", f"/api/reports/{number}.csv"),
        ]
    )


def answer(asked: dict) -> dict:
    target = str(asked["target"])
    if asked["method"] in ("HEAD", "DELETE"):
        return reply(204)
    if target == "/login":
        return reply(303, Location="/account", Set_Cookie="session=another")
    if target.endswith("reviews") and random.random() < 0.4:
        return reply(404, b"no such product\n", Content_Type="text/plain")
    if target.endswith(".csv") and random.random() < 0.5:
        return reply(502, b"<h1>The web service cannot be reached</h1>", Content_Type="text/html")
    if target.endswith(".js"):
        code = gzip.compress(b"export const answer = 42;\n" * 4000)
        return reply(200, code, Content_Type="text/javascript", Content_Encoding="gzip")
    if target.endswith(".csv"):
        return reply(200, b"id,title,price\n" * 60_000, Content_Type="text/csv")
    found = {"ok": True, "served_at": time.time(), "order": order(random.randrange(3))}
    return reply(200, json.dumps(found).encode(), Content_Type="application/json", Set_Cookie="session=another")


def reply(status: int, body: bytes = b"", **fields: str) -> dict:
    headers = [[name.replace("_", "-"), value] for name, value in fields.items()]
    headers += [["Date", time.strftime("%a, %d %b %Y %T GMT", time.gmtime())], ["Server", "nginx/1.22.1"]]
    return {"status": status, "headers": headers, "body": body}


def populate(mock, count: int) -> None:
    """Gives a mock its tunnels or hosts."""
    mock.answer = answer
    add = mock.host if mock.program == "fpw-relay" else mock.tunnel
    urls = ["https://moon-flower-snake-red-apple.28820.com/", *(f"https://{name}.example.org/" for name in NAMES[1:])]
    for number, (name, url) in enumerate(zip(NAMES[:count], urls, strict=False)):
        place = add(name, url)
        if "link" in place:
            place |= {"slots_max": [50, 10, 20, 200][number], "upstream": f"http://127.0.0.1:{3000 + number}"}
            if number == 2:
                place |= {"upstream_up": False, "relay": "http://relay.example.org:28820/"}
            if number == 3:
                place |= {"link": "down", "trouble": f"cannot connect to relay {url}: DNS failure: no such host"}


def step(mock, now: float, **facts) -> None:
    """What happens within a quarter of a second; `facts` are those of all its visits."""
    load = 2.2 + 1.6 * math.sin(now / 19) + 0.9 * math.sin(now / 5.3)
    for name, place in mock.places.items():
        slow = 0.004 * math.exp(abs(random.gauss(0, 1.1)))
        if place.get("link") != "down":
            for _ in range(max(0, round(random.gauss(load / 4, 0.5)))):
                if mock.places:
                    seconds = random.choice([slow, slow, slow * 3, slow * 22])
                    mock.visit(some_request(), seconds, tunnel=name, address=random.choice(ADDRESSES), **facts)
        busy = max(0, round(random.gauss(load * 0.8, 1)))
        if "parked" in place["slots"]:
            place["slots"] |= {"parked": 12 - min(12, busy), "busy": busy}
            place["hand_overs"] = place["visits"] + 2
        elif place["link"] == "down":
            place["slots"] |= {"confirmed": 0, "opening": 1, "backoff": 3}
        else:
            opening = random.random() < 0.1
            place["slots"] |= {"confirmed": max(1, 7 - busy), "assumed": 1, "busy": busy, "opening": int(opening)}


def enliven(mock, count: int, seconds: float = math.inf) -> None:
    populate(mock, count)
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        step(mock, time.monotonic())
        time.sleep(0.25)
