"""`fpwd 3000`, with no file: within 5 s it says what works at both ends."""

import re
import time

import pytest

from harness.program import Program, eventually, free_port
from harness.programs import HOST, TOKEN, Nginx, binary
from parts.relay import Relay, saying
from parts.wire import Server

pytestmark = pytest.mark.fpwd

WITHIN = 5


@pytest.fixture
def quick(start, tmp_path):
    """Starts quick mode with a state folder of the test's own."""

    def begin(*arguments: str, relay: str | None, host: str | None = HOST, token: str | None = TOKEN) -> Program:
        settings = {"FPW_RELAY": relay, "FPW_HOST": host, "FPW_TOKEN": token, "XDG_STATE_HOME": str(tmp_path)}
        settings["XDG_RUNTIME_DIR"] = str(tmp_path)
        env = {name: value for name, value in settings.items() if value} | {"HOME": str(tmp_path)}
        return start(Program([binary("fpwd"), *arguments], env=env))

    return begin


def test_both_ends_work_and_the_public_url_stands_there(quick, relay_part, upstream):
    program = quick(str(upstream.port), relay=relay_part.url)
    assert "127.0.0.1" in program.wait_for_line("✓", str(upstream.port), within=WITHIN)
    program.wait_for_line("✓ relay", within=WITHIN)
    program.wait_for_line(HOST, "http", within=WITHIN)
    assert relay_part.visit().body == b"hello\n"


def test_the_banner_says_who_can_see_the_traffic(quick, relay_part, upstream):
    program = quick(str(upstream.port), relay=relay_part.url)
    for plainly in ("anyone on the internet can open this URL", "operator can read"):
        program.wait_for_line(plainly, within=WITHIN)


def test_the_public_token_is_never_sent_to_another_relay(quick, relay_part, upstream):
    program = quick(str(upstream.port), relay=relay_part.url, token=None, host=HOST)
    assert program.exit_code() == 78
    assert "FPW_TOKEN" in program.text
    assert relay_part.posts == []


@pytest.mark.clear("quick mode trusts the system's authorities only")
def test_it_serves_through_fpw_relay(quick, fpw_relay, upstream):
    relay = fpw_relay()
    program = quick(f"localhost:{upstream.port}", relay=relay.url)
    program.wait_for_line(f"http://{HOST}:{relay.port}", within=WITHIN)
    # The banner follows the answer to the hello; the first poll is a moment behind it.
    eventually(lambda: relay.metric("fpw_relay_slots", state="parked") > 0)
    assert relay.visitor().visit().body == b"hello\n"


def test_nothing_listens_here(quick, relay_part):
    port = free_port()
    program = quick(str(port), relay=relay_part.url)
    program.wait_for_line(f"✗ nothing listens on 127.0.0.1:{port}", within=WITHIN)
    program.wait_for_line("✓ relay", within=WITHIN)


@pytest.fixture
def portal():
    """A captive portal: answers everybody with its login page."""

    class Portal(Server):
        def serve(self, connection):
            while head := connection.read_head():
                connection.read_body(head)
                connection.respond(200, [("Content-Type", "text/html")], b"<html><title>Hotel Wi-Fi</title>Log in")

    with Portal() as part:
        yield part


@pytest.fixture
def untrusted(start, authority, tmp_path):
    """A relay whose certificate nobody vouches for."""
    port = free_port()
    certificate, key = authority.certificate("untrusted.test", "localhost")
    tls = f"ssl_certificate {certificate}; ssl_certificate_key {key};"
    inside = f"access_log off; server {{ listen 127.0.0.1:{port} ssl; {tls} }}"
    start(Nginx(tmp_path, port, inside))
    return f"https://localhost:{port}/"


def says(program: Program, upstream, *about_relay: str) -> str:
    line = program.wait_for_line("✗ relay", *about_relay, within=WITHIN)
    program.wait_for_line("✓", str(upstream.port), within=WITHIN)
    assert TOKEN not in program.text
    return line


def test_a_name_that_does_not_exist(quick, upstream):
    program = quick(str(upstream.port), relay="https://relay.invalid/")
    says(program, upstream, "https://relay.invalid/", "DNS")


def test_a_refused_connection(quick, upstream):
    url = f"http://127.0.0.1:{free_port()}/"
    says(quick(str(upstream.port), relay=url), upstream, url, "refused")


def test_a_bad_certificate(quick, upstream, untrusted):
    says(quick(str(upstream.port), relay=untrusted), upstream, untrusted, "certificate")


def test_a_refused_token(quick, relay_part, upstream):
    relay_part.token = "what-the-relay-wants"
    says(quick(str(upstream.port), relay=relay_part.url), upstream, "403")


def test_a_message_in_place_of_a_visit(quick, relay_part, upstream):
    relay_part.script(saying(200, body=b'{"msg": "this name is taken"}'), times=100)
    says(quick(str(upstream.port), relay=relay_part.url), upstream, "this name is taken")


def test_a_captive_portals_login_page(quick, portal, upstream):
    line = says(quick(str(upstream.port), relay=portal.url), upstream)
    assert "<" not in line


def test_it_keeps_trying(quick, upstream):
    port = free_port()
    program = quick(str(upstream.port), relay=f"http://127.0.0.1:{port}/")
    program.wait_for_line("✗ relay", within=WITHIN)
    with Relay(HOST, TOKEN, port=port) as relay:
        assert relay.visit(within=15).body == b"hello\n"


@pytest.mark.parametrize(
    ("fault", "code"), [("refused connection", 69), ("no upstream", 69), ("403", 77), ("certificate", 69)]
)
def test_once_ends_with_a_code_for_scripts(quick, relay_part, upstream, untrusted, fault, code):
    relay = {"refused connection": f"http://127.0.0.1:{free_port()}/", "certificate": untrusted}
    relay_part.token = "what-the-relay-wants" if fault == "403" else TOKEN
    port = free_port() if fault == "no upstream" else upstream.port
    began = time.monotonic()
    program = quick("--once", str(port), relay=relay.get(fault, relay_part.url))
    assert program.exit_code(within=10) == code
    assert time.monotonic() - began < WITHIN + 1


def named(program: Program) -> str:
    line = program.wait_for_line(".28820.com", within=WITHIN)
    return re.search(r"([a-z]+(?:-[a-z]+){4})\.28820\.com", line)[1]


def test_a_name_is_drawn_once_and_kept(quick, upstream, tmp_path):
    with Relay("", TOKEN) as relay:
        relay.script(saying(204), times=0)
        first = quick(str(upstream.port), relay=relay.url, host=None)
        name = named(first)
        assert relay.wait_for_posts(1)
        assert relay.posts[0].head.get("fpw-host") == f"{name}.28820.com"
        first.stop()
        second = quick(str(upstream.port), relay=relay.url, host=None)
        assert named(second) == name
    files = [file for file in tmp_path.rglob("*") if file.is_file()]
    assert files and all(file.stat().st_mode & 0o777 == 0o600 for file in files)


def test_a_second_run_of_the_same_one_says_so(quick, relay_part, upstream):
    first = quick(str(upstream.port), relay=relay_part.url, host=None)
    named(first)
    second = quick(str(upstream.port), relay=relay_part.url, host=None)
    second.wait_for_line("already", within=WITHIN)


def test_a_short_name_is_one_of_the_public_platforms(quick, relay_part, upstream):
    quick("--host", "blog", str(upstream.port), relay=relay_part.url, host=None)
    assert relay_part.wait_for_posts(1)
    assert relay_part.posts[0].head.get("fpw-host") == "blog.28820.com"
