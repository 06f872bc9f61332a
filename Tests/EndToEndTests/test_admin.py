"""Who may see what on the admin listeners, from outside."""

from __future__ import annotations

import base64
import hashlib
import http.client
import json
import re
import signal
import socket
import stat
import subprocess
from urllib.parse import parse_qs, urlsplit

import pytest

from harness.program import Program, eventually
from harness.programs import HOST, TOKEN, binary

BEHIND_THE_KEY = ["/", "/ui/state"]


@pytest.fixture(params=["fpwd", "fpw-relay"])
def program(request, lab, upstream):
    """Each of both, listening."""
    relay = lab.relay()
    program = relay if request.param == "fpw-relay" else lab.fpwd(relay, upstream)
    # Its admin listener answers once it has left the page's URL.
    program.wait_until_ready()
    return program


def key_url(program) -> str:
    answer = program.command("status", "--url")
    assert (answer.returncode, answer.stderr) == (0, "")
    return answer.stdout.strip()


def signed_in(program) -> dict[str, str]:
    """The fields that the status page's requests carry."""
    url = urlsplit(key_url(program))
    answer = program.ask(f"{url.path}?{url.query}")
    assert answer.status == 303
    return {"Cookie": answer.get("set-cookie").partition(";")[0], "Host": url.netloc}


def test_the_key_opens_the_page_and_moves_into_a_cookie(program):
    url = key_url(program)
    assert re.fullmatch(rf"http://127\.0\.0\.1:{program.admin_port}/\?key=[0-9a-f]{{32}}", url)
    answer = program.ask(url.partition(str(program.admin_port))[2])
    assert (answer.status, answer.get("location"), answer.body) == (303, "/", b"")
    cookie, *attributes = answer.get("set-cookie").split("; ")
    assert attributes == ["HttpOnly", "SameSite=Strict", "Path=/"]
    assert str(program.admin_port) in cookie.partition("=")[0]
    page = program.ask("/", {"Cookie": cookie})
    assert (page.status, page.get("content-type")) == (200, "text/html; charset=utf-8")
    assert parse_qs(urlsplit(url).query)["key"][0] not in page.text


@pytest.mark.parametrize("path", BEHIND_THE_KEY)
def test_without_the_key_there_is_no_page(path, program):
    cookie = signed_in(program)["Cookie"]
    for fields in [{}, {"Cookie": cookie[:-1] + "x"}, {"Cookie": cookie.replace("=", "x=")}]:
        answer = program.ask(path, fields)
        assert answer.status == 401
        assert "status --url" in answer.text
    assert program.ask("/?key=0123456789abcdef0123456789abcdef", {"Cookie": cookie}).status == 401


def test_answers_of_the_page_are_not_kept_framed_or_mixed_with_others(program):
    fields = signed_in(program)
    for answer in [program.ask("/", fields), program.ask("/")]:
        assert answer.get("cache-control") == "no-store"
        assert answer.get("x-frame-options") == "DENY"
        assert answer.get("referrer-policy") == "no-referrer"
        assert answer.get("x-content-type-options") == "nosniff"
        assert answer.get("content-security-policy").startswith("default-src 'none'; ")
        assert "unsafe" not in answer.get("content-security-policy")


def test_the_policy_admits_the_pages_own_style_and_script(program):
    page = program.ask("/", signed_in(program))
    for element in ["style", "script"]:
        [content] = re.findall(rf"<{element}>(.*?)</{element}>".encode(), page.body, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(content).digest()).decode()
        assert f"{element}-src 'sha256-{digest}';" in page.get("content-security-policy")


def test_both_programs_tell_their_page_of_the_same_visits(tunnel, upstream):
    running = tunnel(upstream)
    running.visitor.visit("POST", "/a?b", body=b"xyz")
    told = {}
    for name, program in {"tunnels": running.daemon, "hosts": running.relay}.items():
        fields = signed_in(program)
        eventually(lambda ask=program.ask, fields=fields: json.loads(ask("/ui/state", fields).body)["visits"])
        state = json.loads(program.ask("/ui/state?after=0", fields).body)
        [place], [visit] = state[name], state["visits"]
        assert (place["visits"], place["errors"], place["received"], state["newest"]) == (1, 0, 3, 1)
        assert place["latency"]["counts"][-1] == 1
        assert len(place["latency"]["counts"]) == len(place["latency"]["bounds"]) + 1
        told[name] = {
            key: visit[key] for key in ["request_id", "method", "target", "status", "received", "sent", "address"]
        }
        after = json.loads(program.ask("/ui/state?after=1", fields).body)
        assert (after["visits"], after["started"]) == ([], state["started"])
    assert told["tunnels"] == told["hosts"]
    assert told["hosts"]["target"] == "/a?b"


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:{port}", "localhost:1", "127.0.0.1.evil.example:{port}"]
)
def test_a_name_that_was_pointed_here_gets_nothing(host, program):
    fields = signed_in(program) | {"Host": host.format(port=program.admin_port)}
    for path in ["/", "/ui/state", "/status", "/metrics", "/healthz", "/readyz"]:
        assert program.ask(path, fields).status == 421


def test_every_name_of_this_machine_is_good(program):
    for name in ["localhost", "127.0.0.1", "127.1.2.3", "[::1]"]:
        fields = signed_in(program) | {"Host": f"{name}:{program.admin_port}"}
        assert program.ask("/", fields).status == 200


def test_other_methods_are_told_which_there_are(program):
    fields = signed_in(program) | {"Origin": f"http://127.0.0.1:{program.admin_port}"}
    for path in ["/", "/metrics", "/status"]:
        for method in ["POST", "PUT", "DELETE", "OPTIONS"]:
            answer = program.ask(path, fields, method)
            assert (answer.status, answer.get("allow")) == (405, "GET, HEAD")


def test_off_loopback_there_are_metrics_and_health_only(lab, upstream):
    relay = lab.relay()
    daemon = lab.fpwd(relay, upstream)
    daemon.wait_until_ready()
    everywhere = lab.fpwd(relay, upstream, daemon={"admin_listen": f"*:{daemon.admin_port + 1}"})
    everywhere.admin_port = daemon.admin_port + 1
    everywhere.wait_until_ready()
    assert [everywhere.ask(path).status for path in ["/metrics", "/healthz", "/readyz"]] == [200, 200, 200]
    assert [everywhere.ask(path).status for path in ["/", "/ui/state", "/status", "/elsewhere"]] == [403, 403, 403, 403]
    assert "loopback" in everywhere.ask("/").text
    assert "not on loopback" in everywhere.command("status", "--url").stderr


def test_a_unix_socket_needs_no_key(lab, upstream, tmp_path):
    path = tmp_path / "admin.sock"
    daemon = lab.fpwd(lab.relay(), upstream, daemon={"admin_listen": f"unix:{path}"})
    daemon.wait_for_line("runs", "admin=unix:")

    def ask(target: str, host: str) -> int:
        connection = http.client.HTTPConnection(host)
        connection.sock = socket.socket(socket.AF_UNIX)
        connection.sock.connect(str(path))
        connection.request("GET", target)
        return connection.getresponse().status

    assert [ask(target, "localhost") for target in ["/", "/status", "/metrics"]] == [200, 200, 200]
    assert [ask(target, "evil.example") for target in ["/", "/status", "/metrics"]] == [421, 200, 200]
    assert "needs no key" in daemon.command("status", "--url").stderr


def test_the_url_is_its_users_alone_and_gone_with_the_program(program, tmp_path):
    url = key_url(program)
    file = tmp_path / f"127.0.0.1_{program.admin_port}.url"
    assert file.read_text() == f"{url}\n"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert url.partition("key=")[2] not in program.text
    program.stop()
    assert not file.exists()
    assert program.command("status", "--url").returncode == 69


def test_an_address_is_asked_without_a_configuration(program):
    here = f"127.0.0.1:{program.admin_port}"
    for command, status in [
        (["status", "--admin", here], 0),
        (["ready", "--admin", here], 0),
        (["ready", "--admin", key_url(program)], 0),
        (["ready", "--admin", str(program.admin_port)], 0),
        (["status", "--json", "--admin", "127.0.0.1:1"], 69),
        (["ready", "--admin", "nowhere"], 64),
    ]:
        done = subprocess.run([program.binary, *command], capture_output=True, text=True, timeout=10)
        assert done.returncode == status, done


@pytest.mark.parametrize("name", ["fpwd", "fpw-relay"])
def test_whoever_answers_in_its_place_does_not_write_to_the_terminal(name):
    """Any user may listen at the port while the program is down."""
    body = "\x1b]0;owned\x07\x1b[2J \u202egood\u2028\nb\xf6se\n".encode()
    answer = b"HTTP/1.1 503 Nothing\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%b" % (len(body), body)
    told = {}
    with socket.create_server(("127.0.0.1", 0)) as server:
        for command in (["status"], ["status", "--json"], ["ready"]):
            asking = subprocess.Popen(
                [binary(name), *command, "--admin", str(server.getsockname()[1])],
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
            )
            with server.accept()[0] as client:
                client.recv(1 << 16)
                client.sendall(answer)
                told[command[-1]] = b"".join(asking.communicate(timeout=10))
    assert told["status"].decode() == "\\u001b]0;owned\\u0007\\u001b[2J \\u202egood\\u2028\nb\xf6se\n"
    assert told["--json"] == told["status"]
    assert b"b\xc3\xb6se" in told["ready"] and b"\x1b" not in told["ready"]


def test_a_watched_status_is_printed_again_until_it_is_interrupted(start, program):
    watching = start(Program([program.binary, "status", "--watch", "-c", program.file]))
    eventually(lambda: len(watching.lines_with(HOST)) >= 2)
    assert "\x1b" not in watching.text
    watching.signal(signal.SIGINT)
    watching.exit_code(within=2)


def test_a_watched_status_ends_with_its_reader(program):
    command = [program.binary, "status", "--watch", "-c", program.file]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as watching:
        assert watching.stdout.readline()
        watching.stdout.close()
        assert watching.wait(timeout=10) == 0


def test_quick_mode_shows_the_pages_url(start, relay_part, upstream, tmp_path):
    env = {"FPW_RELAY": relay_part.url, "FPW_HOST": HOST, "FPW_TOKEN": TOKEN, "XDG_RUNTIME_DIR": str(tmp_path)}
    quick = start(Program([binary("fpwd"), str(upstream.port)], env=env))
    line = quick.wait_for_line("/?key=")
    url = urlsplit(line.split()[0])
    connection = http.client.HTTPConnection(url.netloc, timeout=5)
    connection.request("GET", f"{url.path}?{url.query}")
    assert connection.getresponse().status == 303
