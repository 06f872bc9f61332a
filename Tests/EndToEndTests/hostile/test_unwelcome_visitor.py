"""Who is not welcome reaches no web service, whatever it says of its address, method, path and password.

See docs/configuration.md, "Who may visit".
"""

from __future__ import annotations

import base64
import binascii
import contextlib
import itertools
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from harness.mutation import Mutator
from harness.programs import QUIET, TOKEN
from harness.rules import BCRYPT, COVERED, ELSEWHERE, NO_CREDENTIALS, basic, readings
from parts.upstream import Request, Upstream
from parts.wire import Head

SIDE = "access"

RULES = {
    "allowed.test": {"allow": ["192.0.2.0/24"]},
    "proxied.test": {"allow": ["192.0.2.0/24"]},
    "denied.test": {"deny": ["127.0.0.0/8", "::1"]},
    "methods.test": {"methods": ["GET", "POST"]},
    "paths.test": {"paths": ["/hooks"]},
    "rated.test": {"rate_limit": "1/h"},
}
# The relay before these believes the tests about where a visitor is.
PROXIED = ("proxied.test", "secret.test", "slow.test")


class House:
    """Tunnels with a rule each, all to one web service."""

    def __init__(self, relays, daemon, seen: list[Head]):
        self.relays, self.daemon, self._seen = relays, daemon, seen

    def say(self, host: str, head: bytes) -> bytes:
        """The answer. `head` is what comes before the Host field, and may be several lines."""
        received = b""
        with self.relays[host in PROXIED].visitor().raw() as sock, contextlib.suppress(ConnectionError):
            sock.sendall(head + b"\r\nHost: %b\r\nConnection: close\r\n\r\n" % host.encode())
            while more := sock.recv(1 << 16):
                received += more
        return received

    def forget(self) -> None:
        self._seen.clear()

    def visit(self, host: str, head: bytes, is_welcome: Callable[[Head], object], tally) -> None:
        """Nobody is seen who is not welcome."""
        received = self.say(host, head)
        seen, self._seen[:] = self._seen[:], []
        if not all(is_welcome(visit) for visit in seen) or (not seen and received[9:10] == b"2"):
            tally.accept_wrongly(
                f"{host} {head!r}\n    seen {[visit.raw for visit in seen]}\n    received {received!r}"
            )
        elif seen:
            tally.take()
        else:
            tally.refuse()


def nobody(_: Head) -> bool:
    return False


def anybody(_: Head) -> bool:
    return True


@pytest.fixture(scope="module")
def tunnels(module_lab, tmp_path_factory):
    passwords = tmp_path_factory.mktemp("passwords") / "passwords"
    passwords.write_text(f"ann:{BCRYPT}\n")
    passwords.chmod(0o600)
    slow = passwords.with_name("slow")
    slow.write_text(f"ann:{BCRYPT}\neve:{BCRYPT.replace('$04$', '$12$')}\n")
    slow.chmod(0o600)
    rules = RULES | {"secret.test": {"basic_auth_file": str(passwords)}, "slow.test": {"basic_auth_file": str(slow)}}
    seen: list[Head] = []

    def note(request: Request) -> None:
        request.connection.read_body(request.head)
        seen.append(request.head)
        request.respond()

    upstream = module_lab.care(Upstream())
    upstream.otherwise = upstream._scripts["/"] = note
    hosts = {host: {"token": TOKEN} for host in rules}
    relays = [
        module_lab.relay(hosts=hosts, **QUIET),
        module_lab.relay(hosts=hosts, trusted_proxies=["127.0.0.1"], **QUIET),
    ]
    common = {"token": TOKEN, "upstream": upstream.url, "workers": 1, "max_workers": 2}
    tables = {
        host.partition(".")[0]: {"host": host, "relay": relays[host in PROXIED].url} | common | rule
        for host, rule in rules.items()
    }
    daemon = module_lab.fpwd(tunnels=tables, daemon=QUIET)
    daemon.wait_until_ready()
    return House(relays, daemon, seen)


@pytest.fixture
def house(tunnels, tally) -> House:
    yield tunnels
    for program in (*tunnels.relays, tunnels.daemon):
        tally.is_alive(program)


# Addresses.

NAMES = [
    *("X-Forwarded-For", "X-Real-IP", "Forwarded", "Fpw-Ip", "Fpw-Uip", "fpw_ip", "fpw_uip", "X_Forwarded_For"),
    *("X-Forwarded", "Client-IP", "X-Client-IP", "True-Client-IP", "CF-Connecting-IP", "X-Cluster-Client-IP"),
    *("X-Remote-Addr", "X-Originating-IP", "Remote-Addr", "Via", "X-Forwarded-For ", "x-forwarded-for\t"),
]
VALUES = [
    *("192.0.2.1", "::ffff:192.0.2.1", "192.0.2.1, 127.0.0.1", "127.0.0.1, 192.0.2.1", "for=192.0.2.1;by=127.0.0.1"),
    *("192.0.2.1:80", "[::ffff:192.0.2.1]:80", '"192.0.2.1"', "unknown, 192.0.2.1", "192.0.2.1\\r\\nX: y"),
]


@pytest.mark.parametrize("host", ["allowed.test", "denied.test"])
def test_no_field_of_a_visitor_makes_its_address_another(house, tally, host):
    for name, value in itertools.product(NAMES, VALUES):
        house.visit(host, f"GET / HTTP/1.1\r\n{name}: {value}".encode(), nobody, tally)


# What a trusted proxy passes on: it appends the address that it sees, here 203.0.113.9, to what the visitor said.
CHAINS = [
    *("192.0.2.1, 203.0.113.9", "192.0.2.1,203.0.113.9", "192.0.2.1, 203.0.113.9, 127.0.0.1", "203.0.113.9"),
    *("127.0.0.1, 192.0.2.1, 203.0.113.9", "192.0.2.1\r\nX-Forwarded-For: 203.0.113.9", "192.0.2.1\t,\t203.0.113.9"),
    *("192.0.2.1, 203.0.113.9, ", "192.0.2.1,,203.0.113.9,,", "192.0.2.1, ::ffff:203.0.113.9", "192.0.2.1, [::1]"),
    # These are no addresses of that network, nor any.
    *("192.0.2.01", "192.0.2.1/32", "192.0.2.1%lo", "192.0.2", "0xc0.0.2.1", "3221225985", "0300.0.2.1"),
    *("192.0.2.1.", "", "192.0.2.1:80", "[192.0.2.1]", '"192.0.2.1"', "::192.0.2.1", "64:ff9b::192.0.2.1"),
    *("::ffff:0:192.0.2.1", "192.0.2.256"),
    *("192.0.2.1 203.0.113.9", "192.0.2.1;203.0.113.9", "for=192.0.2.1", "unknown", "_hidden", "192.0.2.1, unknown"),
    *("192.0.2.1\xa0", "\xb9\xb92.0.2.1", "192.0.2.-1", "192.0.2.+1", "192. 0.2.1", "192.0.2.1 x"),
    "192\xe3\x80\x820.2.1",
]


def test_what_stands_before_the_proxys_word_counts_for_nothing(house, tally):
    for chain in CHAINS:
        house.visit("proxied.test", f"GET / HTTP/1.1\r\nX-Forwarded-For: {chain}".encode("latin-1"), nobody, tally)
    house.visit("proxied.test", b"GET / HTTP/1.1\r\nX-Forwarded-For: 203.0.113.9, 192.0.2.1", anybody, tally)
    assert tally.passed == 1


def test_a_rate_is_the_connections_and_not_what_the_visitor_says(house, tally):
    house.visit("rated.test", b"GET / HTTP/1.1", anybody, tally)
    for name, number in itertools.product(NAMES, range(3)):
        house.visit("rated.test", f"GET / HTTP/1.1\r\n{name}: 198.51.100.{number}".encode(), nobody, tally)
    assert tally.passed == 1


# Methods.

OVERRIDES = ["X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override", "X-Override-Method", "X-Original-Method"]


def test_a_method_that_is_not_listed_is_not_carried_out(house, tally):
    methods = ("PUT", "DELETE", "OPTIONS", "PATCH", "TRACE", "get", "Post", "GETS", "GE", "PROPFIND", "GET,POST")
    lines = [f"{method} / HTTP/1.1" for method in methods]
    values = ("DELETE", "delete", "GET, DELETE", "DELETE, GET", "GET\tPUT", "", "\xa0PUT")
    for name, value in itertools.product(OVERRIDES, values):
        for written in (name, name.lower(), name.upper().replace("-", "_"), name.replace("-", "_", 1)):
            lines.append(f"POST / HTTP/1.1\r\n{written}: {value}\r\nContent-Length: 0")
            lines.append(f"POST / HTTP/1.1\r\n{written}: GET\r\n{written}: {value}\r\nContent-Length: 0")
    for line in lines:
        house.visit("methods.test", line.encode("latin-1"), nobody, tally)
    house.visit("methods.test", b"GET / HTTP/1.1\r\nX-HTTP-Method: POST", anybody, tally)
    assert tally.passed == 1


# Paths.


def lies_below(visit: Head) -> bool:
    return all(path == "/hooks" or path.startswith("/hooks/") for path in readings(visit.target))


def test_a_path_that_anybody_may_read_as_another_is_not_visited(house, tally):
    for target in ELSEWHERE:
        house.visit("paths.test", f"GET {target} HTTP/1.1".encode(), nobody, tally)
        house.visit("paths.test", f"GET http://paths.test{target} HTTP/1.1".encode(), nobody, tally)
    for verb, what in itertools.product(("X-Original", "X-Rewrite", "x_override"), ("-URL", "_Uri", "-path")):
        name = verb + what
        house.visit("paths.test", f"GET /hooks HTTP/1.1\r\n{name}: /admin".encode(), nobody, tally)
    for target in ELSEWHERE:
        house.visit("paths.test", f"MOVE /hooks HTTP/1.1\r\nDestination: http://a{target}".encode(), nobody, tally)
    house.visit("paths.test", b"OPTIONS * HTTP/1.1", nobody, tally)
    for target in COVERED:
        house.visit("paths.test", f"GET {target} HTTP/1.1".encode(), lies_below, tally)
    assert tally.passed == len(COVERED)


PIECES = [
    *(b"..", b"/..", b"/../", b"%2e", b"%2E%2e", b"%252e", b"%25", b"//", b"/./", b"\\", b"%5c", b"%255c", b";"),
    *(b"..;", b"%3b", b"%2f", b"%252f", b"%00", b"%c0%ae", b"%c0%af", b"%c1%9c", b"%u002e", b"?", b"#", b"/admin"),
    *(b"/hooks", b"%68", b"\xc0\xae"),
]


def test_damaged_paths_are_refused_or_lie_below_however_they_are_read(house, tally, depth):
    bases = [target.encode() for target in (*COVERED, "/hooks/../hooks/x", "/hooks/a/b/../../c", "/hooks/%2e%2e/hooks")]
    for target in Mutator((tally.seed, SIDE, "paths"), PIECES).many(bases, 200 * depth):
        house.visit("paths.test", b"GET %b HTTP/1.1" % target, lies_below, tally)


# Passwords.


class Guests:
    """Each comes from an address of its own, so that none of them has guessed too often."""

    def __init__(self):
        self._numbers = itertools.count(1)

    def head(self, credentials: bytes) -> bytes:
        number = next(self._numbers)
        address = f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}".encode()
        return b"GET / HTTP/1.1\r\nX-Forwarded-For: %b\r\nAuthorization: %b" % (address, credentials)


def knows(credentials: bytes) -> bool:
    """Whether these are the user's and password's in RFC 7617's words."""
    scheme, _, token = credentials.strip(b" \t").partition(b" ")
    try:
        return scheme.lower() == b"basic" and base64.b64decode(token.strip(b" \t"), validate=True) == b"ann:s3cret"
    except binascii.Error:
        return False


def test_who_does_not_know_the_password_stays_outside(house, tally):
    guests, known = Guests(), basic("ann", "s3cret")[1].encode()
    users = [("ann", "wrong"), ("nobody", "s3cret"), ("ann", ""), ("", "s3cret"), ("Ann", "s3cret"), ("ann ", "s3cret")]
    users += [("ann", "s3cret "), ("ann", "S3cret"), ("ann", "s3cret\n")]
    users += [("ann", BCRYPT), ("ann:" + BCRYPT, ""), ("*", "*")]
    two = [known + b"\r\nAuthorization: Basic x", b"Basic x\r\nAuthorization: " + known]
    two += [known + b"\r\nauthorization: " + known]
    schemes = (b"Bearer", b"Digest", b"Basi", b"Basicx", b"", b"Negotiate")
    other = [known.replace(b"Basic", scheme) for scheme in schemes]
    for credentials in (*NO_CREDENTIALS, *(basic(*user)[1].encode() for user in users), *two, *other):
        house.visit("secret.test", guests.head(credentials), nobody, tally)
    names = ("Proxy-Authorization", "X-Authorization", "Authorisation", "X-Forwarded-User", "Remote-User", "Cookie")
    for name in names:
        house.visit("secret.test", f"GET / HTTP/1.1\r\n{name}: ".encode() + known, nobody, tally)
    house.visit("secret.test", guests.head(known), lambda visit: visit.get("authorization") is None, tally)
    assert tally.passed == 1


def test_who_guesses_leaves_half_of_the_slots_to_who_is_known(house, tally):
    """A comparison takes a quarter of a second: guesses that come together would have both of the tunnel's slots."""
    guests, known = Guests(), basic("ann", "s3cret")[1].encode()
    assert house.say("slow.test", guests.head(known))[9:12] == b"200"
    heads = [guests.head(basic("eve", str(number % 9))[1].encode()) for number in range(18)]
    with ThreadPoolExecutor(6) as crowd:
        guesses = [crowd.submit(house.say, "slow.test", head) for head in heads]
        while not all(guess.done() for guess in guesses):
            answer = house.say("slow.test", guests.head(known))
            tally.take() if answer[9:12] == b"200" else tally.accept_wrongly(f"the known one met {answer!r}")
    house.forget()
    reasons = [reason for guess in guesses for reason in (b"auth-busy", b"auth-failed") if reason in guess.result()]
    tally.refuse(len(reasons))
    assert len(reasons) == len(heads) and {*reasons} == {b"auth-busy", b"auth-failed"}


def test_damaged_passwords_are_refused_or_the_right_ones(house, tally, depth):
    guests, known = Guests(), [basic("ann", "s3cret")[1].encode()]
    pieces = [b"=", b"==", b"Basic ", b"basic", b"Og==", b"Cg==", b"AA==", b"%3d", b"-", b"_"]
    for damaged in Mutator((tally.seed, SIDE, "passwords"), pieces).many(known, 200 * depth):
        house.visit("secret.test", guests.head(damaged), lambda _, said=damaged: knows(said), tally)
