"""A page of another origin reads nothing of the admin listeners and changes nothing there (PROTOCOL.md §5)."""

from __future__ import annotations

import contextlib
import ipaddress
import json
import socket
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import pytest

from harness import oracle
from harness.browser import Browser
from harness.mutation import Mutator
from harness.program import eventually
from harness.programs import TOKEN
from parts.upstream import Upstream

SIDE = "page"
MARK = "only-for-the-operator"


@dataclass
class Victim:
    """A program whose operator is signed in, after a visit that only the operator may see."""

    program: object
    url: str
    cookie: str
    upstream: Upstream

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.program.admin_port}"

    @property
    def replays(self) -> int:
        return sum(1 for request in self.upstream.requests if request.head.get("x-fpw-replay"))

    def say(self, data: bytes, patience: float = 10) -> bytes:
        """What comes back. After so many seconds of silence it is said that there is no more."""
        received = b""
        with (
            socket.create_connection(("127.0.0.1", self.program.admin_port), timeout=patience) as sock,
            contextlib.suppress(ConnectionError),
        ):
            sock.sendall(data)
            try:
                while more := sock.recv(1 << 16):
                    received += more
            except TimeoutError:
                sock.shutdown(socket.SHUT_WR)
        return received

    def ask(
        self,
        target: str = "/ui/state?after=0",
        method: str = "GET",
        host: str | None = None,
        *lines: str,
        body: str = "",
    ) -> bytes:
        host = host or f"127.0.0.1:{self.program.admin_port}"
        head = [
            *(
                f"{method} {target} HTTP/1.1",
                f"Host: {host}",
                f"Content-Length: {len(body)}",
                "Connection: close",
                *lines,
            ),
            *("", body),
        ]
        return self.say("\r\n".join(head).encode("latin-1"))


def status(received: bytes) -> int:
    return int(received.split(b" ", 2)[1])


@pytest.fixture(scope="module")
def victims(module_lab):
    upstream = module_lab.care(Upstream())
    tunnel = module_lab.tunnel(upstream, workers=2, daemon={"inspector": True})
    tunnel.visitor.visit("POST", f"/{MARK}", [("X-Own", MARK)], MARK.encode())
    victims = {}
    for name, program in {"fpwd": tunnel.daemon, "fpw-relay": tunnel.relay}.items():
        url = program.command("status", "--url").stdout.strip()
        path = url.partition(str(program.admin_port))[2]
        cookie = program.ask(path).get("set-cookie").partition(";")[0]
        victims[name] = Victim(program, url, cookie, upstream)
        eventually(
            lambda victim=victims[name], cookie=cookie: MARK in victim.program.ask("/ui/state", {"Cookie": cookie}).text
        )
    return victims


@pytest.fixture(params=["fpwd", "fpw-relay"])
def victim(request, victims, tally) -> Victim:
    """When the test is over nothing was sent again, and the operator still sees the page."""
    victim = victims[request.param]
    yield victim
    tally.is_alive(victim.program)
    assert victim.replays == 0
    assert MARK.encode() in victim.ask("/ui/state?after=0", "GET", None, f"Cookie: {victim.cookie}")


# In a browser.

ATTACK = """(async (admin, paths) => {
    const got = [];
    const within = promise => Promise.race([promise, new Promise(done => setTimeout(done, 1500))]);
    const attempt = async (how, action) => {
        try {
            const what = await within(action());
            if (what) got.push(`${how}: ${String(what).slice(0, 200)}`);
        } catch {}
    };
    const element = (tag, attributes) => new Promise(done => {
        const made = Object.assign(document.createElement(tag), attributes);
        made.onload = () => done(made), made.onerror = () => done(null);
        document.body.append(made);
    });
    const attempts = [];
    const all = (how, action) => attempts.push(attempt(how, action));
    const framed = frame => frame?.contentDocument?.body?.innerText;
    const styled = link => link?.sheet?.cssRules.length;
    for (const path of paths) {
        const url = admin + path;
        for (const mode of ["cors", "no-cors"])
            all(`fetch ${mode} ${path}`, async () => (await fetch(url, { mode, credentials: "include" })).text());
        all(`XMLHttpRequest ${path}`, () => new Promise(done => {
            const request = new XMLHttpRequest();
            request.open("GET", url), request.withCredentials = true;
            request.onloadend = () => done(request.responseText), request.send();
        }));
        all(`script ${path}`, () => element("script", { src: url }).then(Boolean));
        all(`module ${path}`, () => element("script", { src: url, type: "module" }).then(Boolean));
        all(`style ${path}`, () => element("link", { href: url, rel: "stylesheet" }).then(styled));
        all(`image ${path}`, () => element("img", { src: url }).then(Boolean));
        all(`frame ${path}`, () => element("iframe", { src: url }).then(framed));
        all(`object ${path}`, () => element("object", { data: url }).then(framed));
        all(`events ${path}`, () => new Promise(done => {
            const events = new EventSource(url, { withCredentials: true });
            events.onopen = done, events.onerror = () => (events.close(), done(null));
        }));
        all(`socket ${path}`, () => new Promise(done => {
            const opened = new WebSocket(url.replace("http", "ws"));
            opened.onopen = done, opened.onerror = () => done(null);
        }));
    }
    const change = admin + "/ui/visits/1/send";
    for (const method of ["POST", "PUT", "PATCH", "DELETE"])
        for (const type of ["text/plain", "application/json", "application/x-www-form-urlencoded"])
            for (const mode of ["cors", "no-cors"])
                all(`${method} ${type}`, async () => {
                    const headers = { "Content-Type": type };
                    return (await fetch(change, { method, mode, credentials: "include", headers, body: "{}" })).text();
                });
    navigator.sendBeacon(change, "{}");
    for (const enctype of ["text/plain", "multipart/form-data", "application/x-www-form-urlencoded"]) {
        await element("iframe", { name: enctype, src: "about:blank" });
        const form = document.createElement("form");
        Object.assign(form, { action: change, method: "post", enctype, target: enctype });
        form.append(Object.assign(document.createElement("input"), { name: '{"a":"', value: '"}' }));
        document.body.append(form);
        form.submit();
    }
    await Promise.all(attempts);
    return { got, attempts: attempts.length + 4, performance: performance.getEntriesByType("resource").length };
})"""
PATHS = ["/", "/ui/state?after=0", "/ui/visits/1", "/status", "/metrics", "/readyz"]


@pytest.mark.parametrize(
    ("victim", "name"),
    [("fpwd", "evil.test"), ("fpwd", "127.0.0.1"), ("fpw-relay", "localhost")],
    indirect=["victim"],
)
def test_a_page_of_another_origin_gets_nothing(victim, browser: Browser, lab, tally, name):
    """127.0.0.1 is the worst: cookies know no ports, so that the operator's goes with every request."""
    evil = lab.care(Upstream())
    evil.on("/evil")(lambda request: request.respond(200, [("Content-Type", "text/html")], b"<body>evil</body>"))
    tab = browser.tab()
    try:
        tab.open(victim.url)
        tab.open(f"http://{name}:{evil.port}/evil")
        tab.until("document.body?.innerText === 'evil'")
        done = tab.evaluate(f"{ATTACK}({json.dumps(victim.origin)}, {json.dumps(PATHS)})")
        assert done["got"] == []
        tally.refuse(done["attempts"])
    finally:
        tab.close()


def test_a_name_that_was_pointed_here_is_no_origin_of_ours(victim, browser: Browser):
    """DNS rebinding: the page's own name, at the admin listener's port, is 127.0.0.1 now."""
    tab = browser.tab()
    try:
        tab.open(victim.url)
        tab.open(f"http://evil.test:{victim.program.admin_port}/")
        script = """Promise.all(%s.map(path => fetch(path, {credentials: "include"}).then(answer => answer.status)))"""
        assert (
            tab.evaluate(script % json.dumps(["/", "/ui/state", "/ui/visits/1", "/status", "/readyz", "/healthz"]))
            == [421] * 6
        )
    finally:
        tab.close()


# By hand.

HOSTS = [
    *("evil.test:{port}", "evil.test", "127.0.0.1", "127.0.0.1:1", "127.0.0.1:{port}.evil.test"),
    *("127.0.0.1.evil.test:{port}", "localhost.evil.test:{port}", "evil.test#127.0.0.1:{port}"),
    *("evil.test@127.0.0.1:{port}", "127.0.0.1:{port}@evil.test", "0.0.0.0:{port}", "[::]:{port}"),
    *("128.0.0.1:{port}", "127.0.0.1:{port}, evil.test", "127.0.0.1:{port} evil.test", "xlocalhost:{port}"),
    *("localhost:{port}x", "127.0.0.1:0{port}0", "[::1]evil:{port}", "2130706433:{port}", "127.1:{port}"),
    *("0177.0.0.1:{port}", "127.0.0.1.:{port}", "\xb9:{port}"),
]


@pytest.mark.parametrize("host", HOSTS)
def test_a_host_that_is_not_this_machine_sees_nothing(victim, host):
    for target in ("/", "/ui/state?after=0", "/ui/visits/1"):
        received = victim.ask(target, "GET", host.format(port=victim.program.admin_port), f"Cookie: {victim.cookie}")
        assert status(received) in (400, 421)
        assert MARK.encode() not in received


COOKIES = [
    *("", "x", "{name}", "{name}=", "{name}=0", "{name}={key}x", "{name}={short}", "x{name}={key}", "{name} ={key}"),
    *("{name}=x; {name}x={key}", "{name}={upper}", "{key}", "{name}={key},", '{name}="{key}"', "{name}={key}\x80"),
    *("fpwd={key}", "{name}=%7B"),
]


@pytest.mark.parametrize("cookie", COOKIES)
def test_a_key_that_is_nearly_right_opens_nothing(victim, cookie):
    name, _, key = victim.cookie.partition("=")
    said = cookie.format(name=name, key=key, short=key[:-1], upper=key.upper() + "X")
    for target in ("/", "/ui/state?after=0", "/ui/visits/1"):
        received = victim.ask(target, "GET", None, f"Cookie: {said}")
        assert status(received) in (400, 401, 404)
        assert MARK.encode() not in received


TARGETS = [
    *("//ui/state", "/ui/../ui/state", "/./ui/state", "/ui//state", "/ui/state/", "/ui/state%00", "/%75i/state"),
    *("/UI/STATE", "/ui/state;x", "/ui/state#x", "/ui%2fstate", "/ui\\state", "/ui/visits/%31", "/ui/visits/01"),
    *("/ui/visits/+1", "/ui/visits/-1", "/ui/visits/1/", "/ui/visits/1/../1", "/ui/visits/"),
    *("/ui/visits/99999999999999999999", "/ui/visits/1x", "/ui/visits/*", "/ui/visits/1/send", "/etc/passwd"),
    *("/../../etc/passwd", "/..%2f..%2fetc/passwd", "/%2e%2e/%2e%2e/etc/passwd", "*", "ui/state"),
    *("http://evil.test/ui/state", "/?key=", "/?key=0", "/?key=%00", "/?" + "key=1&" * 500, "/" + "a" * 9000),
]


@pytest.mark.parametrize("target", TARGETS, ids=lambda target: target[:24])
def test_no_spelling_of_a_target_goes_around_the_key(victim, target):
    received = victim.ask(target)
    assert not received or status(received) in (400, 401, 404, 405, 414, 421, 431), received
    assert MARK.encode() not in received and b"root:" not in received


ORIGINS = [
    *("null", "", "*", "http://evil.test", "http://127.0.0.1", "http://127.0.0.1:1", "https://127.0.0.1:{port}"),
    *("http://localhost:{port}", "127.0.0.1:{port}", "http://127.0.0.1:{port}.evil.test"),
    *("http://127.0.0.1:{port}@evil.test", "http://evil.test#http://127.0.0.1:{port}", "http://127.0.0.1:{port}/"),
    *("http://127.0.0.1:{port}, http://evil.test", "http://127.0.0.1:{port}x", "file://", "http://[::1]:{port}"),
]


@pytest.mark.parametrize("origin", [None, *ORIGINS])
def test_a_change_from_another_origin_is_refused(victims, tally, origin):
    """With the operator's own cookie, as a browser would send it from a page of the same machine."""
    victim = victims["fpwd"]
    lines = [] if origin is None else [f"Origin: {origin.format(port=victim.program.admin_port)}"]
    received = victim.ask("/ui/visits/1/send", "POST", None, f"Cookie: {victim.cookie}", *lines, body="{}")
    assert (status(received), victim.replays) == (403, 0)
    tally.is_alive(victim.program)


def test_other_methods_and_bodies_change_nothing(victim):
    for method in ("HEAD", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT", "post", "X"):
        for target in ("/ui/visits/1/send", "/ui/state", "/metrics"):
            lines = [
                *(f"Cookie: {victim.cookie}", f"Origin: {victim.origin}", "X-HTTP-Method-Override: POST"),
                "Access-Control-Request-Method: POST",
            ]
            received = victim.ask(target, method, None, *lines)
            assert not received or status(received) in (200, 400, 401, 403, 404, 405, 501)
            assert b"access-control-allow" not in received.lower()
            assert method in ("HEAD", "GET") or not received or status(received) != 200


# By chance.

PIECES = [
    *(b"Host: evil.test\r\n", b"Origin: http://evil.test\r\n", b"Cookie: x=y\r\n", b"Content-Length: 0\r\n"),
    *(b"Transfer-Encoding: chunked\r\n", b"\r\n\r\n", b"/ui/state", b"/..", b"%2e", b"http://127.0.0.1/", b"; "),
    *(b"fpwd", b"Content-Length: 9999999999\r\n", b"{}", b"[" * 200),
]


def test_damaged_requests_show_only_what_the_key_opens(victim, tally, depth):
    port, key = victim.program.admin_port, victim.cookie.partition("=")[2]
    own = f"Host: 127.0.0.1:{port}\r\nCookie: {victim.cookie}\r\nConnection: close\r\n"
    bases = [
        f"GET /ui/state?after=0 HTTP/1.1\r\n{own}\r\n".encode(),
        f"GET /ui/visits/1 HTTP/1.1\r\n{own}\r\n".encode(),
        f"GET /?key={key} HTTP/1.1\r\nHost: localhost:{port}\r\nConnection: close\r\n\r\n".encode(),
        f"POST /ui/visits/1/send HTTP/1.1\r\n{own}Origin: http://evil.test\r\nContent-Length: 2\r\n\r\n{{}}".encode(),
        f"GET /status HTTP/1.0\r\n{own}Accept: application/json\r\n\r\n".encode(),
    ]

    def run(lane: int) -> None:
        for data in Mutator((tally.seed, SIDE, lane), PIECES).many(bases, 40 * depth):
            received = victim.say(data, patience=0.1)
            if MARK.encode() not in received:
                tally.refuse()
            elif may_see(data, key, port):
                tally.take()
            else:
                tally.accept_wrongly(f"{data!r}\n    {received!r}")

    with ThreadPoolExecutor(2) as lanes:
        for done in [lanes.submit(run, number) for number in range(2)]:
            done.result()
    assert TOKEN not in victim.program.text


def may_see(data: bytes, key: str, port: int) -> bool:
    """Whether others, too, read a request to this machine with the key in it."""
    hosts = {request.host for request in oracle.requests(data).messages}
    return key.encode() in data and str(port).encode() in data and all(map(is_own, hosts))


def is_own(host: str) -> bool:
    """All addresses of 127.0.0.0/8 are this machine, and no name that may come to mean another one."""
    with contextlib.suppress(ValueError):
        return ipaddress.IPv4Address(host).is_loopback
    return host == "localhost"
