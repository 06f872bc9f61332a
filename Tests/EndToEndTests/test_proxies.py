"""An HTTP or SOCKS proxy stands before the relay where one is set, and never before the upstream."""

import pytest

from harness.programs import HOST, TOKEN
from parts.proxy import HTTPProxy, SOCKSProxy
from parts.relay import Relay

NOWHERE = "http://127.0.0.1:1"
KINDS = pytest.mark.parametrize("kind", [HTTPProxy, SOCKSProxy])


@pytest.fixture
def relay(authority):
    """The foreign relay with TLS: what a proxy must not look into."""
    with Relay(HOST, TOKEN, tls=authority.server("localhost")) as part:
        part.url = f"https://localhost:{part.port}/"
        yield part


@pytest.fixture
def daemon(fpwd, relay, upstream, authority):
    return lambda **settings: fpwd(relay, upstream, workers=2, ca_file=str(authority.file), **settings)


@KINDS
def test_a_relay_is_reached_through_the_proxy_that_is_set(daemon, relay, upstream, kind):
    with kind() as proxy:
        daemon(proxy=proxy.url)
        assert relay.visit(body=b"body").body == b"hello\n"
        assert set(proxy.asked) == {("localhost", relay.port)}
    assert len(upstream.requests) == 1


@KINDS
def test_a_proxys_password_is_shown_to_the_proxy_and_to_nobody_else(daemon, relay, kind):
    with kind(user="somebody:pass-word") as proxy:
        program = daemon(proxy=proxy.url)
        assert relay.visit().body == b"hello\n"
    assert "pass-word" not in program.text + program.admin("/status")[1] + program.admin("/metrics")[1]
    assert [post.head.get("proxy-authorization") for post in relay.posts] == [None] * len(relay.posts)


@pytest.mark.parametrize(("kind", "cause"), [(HTTPProxy, "407"), (SOCKSProxy, "SOCKS5")])
def test_a_proxy_that_refuses_is_named_without_its_password(daemon, relay, kind, cause):
    with kind(user="somebody:pass-word") as proxy:
        program = daemon(proxy=proxy.url.replace("pass-word", "other-word"))
        program.wait_for_line("error", "proxy", cause)
        assert "other-word" not in program.text
    assert relay.posts == []


def test_a_proxy_that_is_not_there_is_named(daemon):
    program = daemon(proxy=NOWHERE)
    program.wait_for_line("error", "127.0.0.1 port 1")


@pytest.mark.parametrize("variable", ["HTTPS_PROXY", "https_proxy"])
def test_a_proxy_of_the_environment_stands_before_the_relay(daemon, relay, variable):
    with HTTPProxy() as proxy:
        daemon(env={variable: proxy.url, "http_proxy": NOWHERE})
        assert relay.visit().body == b"hello\n"
        assert set(proxy.asked) == {("localhost", relay.port)}


@pytest.mark.parametrize(
    "exception",
    [{"env": {"HTTPS_PROXY": NOWHERE, "NO_PROXY": "localhost"}}, {"env": {"HTTPS_PROXY": NOWHERE}, "proxy": ""}],
)
def test_no_proxy_is_asked_where_that_is_said(daemon, relay, exception):
    daemon(**exception)
    assert relay.visit().body == b"hello\n"


def test_a_plain_relay_has_the_proxy_pass_its_requests_on(fpwd, relay_part, upstream):
    fpwd("http://127.0.0.1:2/", upstream, workers=1, proxy=relay_part.url)
    assert relay_part.visit().body == b"hello\n"
    assert relay_part.posts[0].head.target == "http://127.0.0.1:2/"


@pytest.mark.parametrize("variable", ["http_proxy", "HTTP_PROXY", "ALL_PROXY", "all_proxy", "HTTPS_PROXY"])
def test_neither_a_plain_relay_nor_an_upstream_heeds_a_proxy_of_the_environment(fpwd, relay_part, upstream, variable):
    fpwd(relay_part, upstream, env={variable: NOWHERE}, workers=1)
    assert relay_part.visit(within=5).body == b"hello\n"


@pytest.mark.parametrize("variable", ["HTTPS_PROXY", "ALL_PROXY"])
def test_an_upstream_with_tls_heeds_no_proxy_of_the_environment(fpwd, relay_part, secure_upstream, authority, variable):
    trap = {variable: NOWHERE, "NO_PROXY": "relay.test"}
    fpwd(relay_part, secure_upstream.url, env=trap, workers=1, upstream_ca_file=str(authority.file))
    assert relay_part.visit(within=5).body == b"hello\n"
