"""Where an upstream may live, and what it is told about the visit."""

import socketserver
import threading

import pytest

from harness.programs import HOST
from harness.tls import Authority
from parts.upstream import Upstream


@pytest.fixture
def daemon(fpwd, relay_part):
    """fpwd between the foreign relay and an upstream's URL."""
    return lambda url, **settings: fpwd(relay_part, url, workers=1, **settings)


def test_an_upstream_on_a_unix_socket(daemon, relay_part, tmp_path):
    class Handler(socketserver.StreamRequestHandler):
        def handle(self):
            while line := self.rfile.readline():
                if line == b"\r\n":
                    self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nunix")

    path = str(tmp_path / "app.sock")
    with socketserver.ThreadingUnixStreamServer(path, Handler) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        daemon(f"unix:{path}")
        assert [relay_part.visit().body for _ in range(3)] == [b"unix"] * 3
        server.shutdown()


def test_a_unix_socket_that_nobody_serves_is_502_and_named_in_the_log(daemon, relay_part, tmp_path):
    program = daemon(f"unix:{tmp_path}/none.sock")
    assert relay_part.visit().status == 502
    program.wait_for_line("upstream", "none.sock")


def test_a_certificate_of_an_authority_of_ones_own_is_trusted_where_that_is_set(
    daemon, relay_part, secure_upstream, authority
):
    daemon(secure_upstream.url, upstream_ca_file=str(authority.file))
    assert relay_part.visit("POST", "/echo", body=b"secret").status == 200
    assert secure_upstream.requests[0].body == b"secret"


def test_a_certificate_that_nobody_vouches_for_is_refused_and_named(daemon, relay_part, secure_upstream, tmp_path):
    program = daemon(secure_upstream.url, upstream_ca_file=str(Authority(tmp_path, "another").file))
    reply = relay_part.visit()
    assert (reply.status, b"certificate" in reply.body) == (502, True)
    program.wait_for_line("upstream", "certificate")
    assert secure_upstream.requests == []


def test_a_certificate_for_another_name_is_refused(daemon, relay_part, authority):
    with Upstream(tls=authority.server("elsewhere.test")) as upstream:
        daemon(f"https://localhost:{upstream.port}", upstream_ca_file=str(authority.file))
        assert relay_part.visit().status == 502
        assert upstream.requests == []


def test_a_certificate_is_not_looked_at_where_that_is_set(daemon, relay_part, secure_upstream):
    daemon(secure_upstream.url, upstream_verify=False)
    assert relay_part.visit().body == b"hello\n"


@pytest.mark.parametrize(
    ("setting", "told"),
    [
        ("keep", HOST),
        ("upstream", "127.0.0.1:{port}"),
        ("shop.internal", "shop.internal"),
        ("a.test:8443", "a.test:8443"),
    ],
)
def test_the_host_that_an_upstream_sees_is_the_one_that_is_set(daemon, relay_part, upstream, setting, told):
    daemon(upstream, host_header=setting)
    relay_part.visit()
    head = upstream.requests[0].head
    assert head.all("host") == [told.format(port=upstream.port)]
    assert head.all("x-forwarded-host") == [HOST]


@pytest.mark.parametrize(
    ("settings", "said", "told"),
    [
        ({}, {}, "http"),
        ({"public_scheme": "https"}, {}, "https"),
        ({"public_scheme": "https"}, {"X-Forwarded-Proto": "http"}, "http"),
        ({}, {"X-Forwarded-Proto": "https"}, "https"),
        ({}, {"X-Forwarded-Proto": "gopher"}, "http"),
    ],
)
def test_the_visitors_scheme_is_what_the_relay_says_or_else_what_is_set(
    daemon, relay_part, upstream, settings, said, told
):
    daemon(upstream, **settings)
    relay_part.visit(fields={"Host": HOST} | said)
    assert upstream.requests[0].head.all("x-forwarded-proto") == [told]


def test_the_visitors_host_is_what_the_relay_says(daemon, relay_part, upstream):
    daemon(upstream)
    relay_part.visit(fields={"Host": "inner.test", "X-Forwarded-Host": "outer.test"})
    head = upstream.requests[0].head
    assert (head.all("host"), head.all("x-forwarded-host")) == (["inner.test"], ["outer.test"])


def test_an_address_that_only_the_visitor_claims_is_not_told(daemon, relay_part, upstream):
    daemon(upstream)
    relay_part.visit(fields={"Host": HOST, "X-Forwarded-For": "198.51.100.7"}, fpw_uip=None)
    assert b"198.51.100.7" not in upstream.requests[0].head.raw
