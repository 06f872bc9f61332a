"""The line of each visit: one request id on the whole path, a format that others read, and what it keeps back."""

import json
import re
import signal

import pytest

from harness.program import eventually
from harness.programs import HOST
from parts.relay import saying

GIVEN = "given-by-the-visitor"
COMBINED = re.compile(
    r"127\.0\.0\.1 - - \[\d\d/[A-Z][a-z]{2}/\d{4}:\d\d:\d\d:\d\d \+0000\] "
    r'"POST /echo HTTP/1\.1" 200 (\d+|-) "(.*)" "(.*)" "(.*)"'
)


def ids(path, upstream):
    """The request's id at the relay, at the daemon and at the upstream."""
    lines = [
        re.search(r"\bid=(\S+)", program.wait_for_line("visit ", "target=/echo"))[1]
        for program in (path.relay, path.daemon)
    ]
    return [*lines, upstream.seen("/echo")[0].head.get("x-request-id")]


def test_one_id_names_the_request_everywhere(tunnel, upstream):
    path = tunnel(upstream, workers=1)
    path.visitor.visit(target="/echo", fields=[("X-Request-Id", GIVEN), ("X_Request_Id", GIVEN)])
    relay, daemon, service = ids(path, upstream)
    assert relay == daemon == service
    assert re.fullmatch("[0-9a-f]{32}", relay), "a visitor's own is not believed"
    assert GIVEN not in upstream.seen("/echo")[0].head.raw.decode()


@pytest.mark.parametrize(("said", "kept"), [("from-the-proxy:1", True), ("not well-formed", False)])
def test_a_trusted_proxys_id_is_kept(tunnel, upstream, said, kept):
    path = tunnel(upstream, workers=1, relay={"trusted_proxies": ["127.0.0.1"]})
    path.visitor.visit(target="/echo", fields=[("X-Request-Id", said)])
    found = ids(path, upstream)
    assert len(set(found)) == 1
    assert (found[0] == said) == kept


def test_a_foreign_relay_need_not_know_of_ids(fpwd, relay_part, upstream):
    fpwd(relay_part, upstream, workers=1)
    for fields in ({}, {"X-Request-Id": "r-1"}, {"X-Request-Id": ["r-1", "r-2"]}):
        relay_part.visit(target="/echo", fields={"Host": HOST, **fields})
    seen = [request.head.all("x-request-id") for request in upstream.seen("/echo")]
    assert [len(values) for values in seen] == [1, 1, 1]
    assert seen[1] == ["r-1"]
    assert all(re.fullmatch("[0-9a-f]{32}", values[0]) for values in (seen[0], seen[2]))


@pytest.mark.parametrize(("status", "told"), [(413, "refused a reply's size"), (409, "a reply was dropped")])
def test_no_other_line_shows_the_query_either(fpwd, relay_part, upstream, status, told):
    daemon = fpwd(relay_part, upstream, workers=1)
    visit = relay_part.start_visit(target="/echo?token=SECRET", fields={"Host": HOST, "X-Request-Id": "r-1"})
    relay_part.script(saying(status), on=lambda post: post.rid == visit.rid)
    assert "id=r-1" in daemon.wait_for_line(told)
    daemon.wait_for_line("visit ", "target=/echo")
    assert not [line for line in daemon.lines if "SECRET" in line]


@pytest.fixture
def files(tmp_path):
    return {name: tmp_path / f"{name}.log" for name in ("daemon", "relay")}


def logged(tunnel, upstream, files, **settings):
    """A tunnel whose programs both log visits to files."""
    tables = {name: {"access_log": str(file), **settings} for name, file in files.items()}
    return tunnel(upstream, workers=1, daemon=tables["daemon"], relay=tables["relay"])


def lines(file, count):
    eventually(lambda: file.exists() and len(file.read_text().splitlines()) >= count)
    return file.read_text().splitlines()


def test_a_file_is_in_apaches_format(tunnel, upstream, files):
    path = logged(tunnel, upstream, files)
    fields = [("Referer", "https://example.org/?a"), ("User-Agent", 'a "browser"')]
    answer = path.visitor.visit("POST", "/echo?secret=1", fields, b"body")
    (request,) = upstream.seen("/echo")
    for program, file in ((path.daemon, files["daemon"]), (path.relay, files["relay"])):
        (line,) = lines(file, 1)
        found = COMBINED.fullmatch(line)
        assert found, line
        assert found.groups() == (
            str(len(answer.body)),
            "https://example.org/",
            r"a \"browser\"",
            request.head.get("x-request-id"),
        )
        assert not program.lines_with("visit ", "/echo"), "it stands in one place only"
        assert file.stat().st_mode & 0o777 == 0o640


def test_a_renamed_file_is_opened_anew_on_sigusr1(tunnel, upstream, files):
    path = logged(tunnel, upstream, files, access_format="json", log_query=True, log_address="masked")
    path.visitor.visit(target="/echo?q=1")
    for program, file in ((path.daemon, files["daemon"]), (path.relay, files["relay"])):
        (line,) = lines(file, 1)
        record = json.loads(line)
        assert (record["target"], record["address"], record["status"]) == ("/echo?q=1", "127.0.0.0", 200)
        assert re.fullmatch("[0-9a-f]{32}", record["id"])
        file.rename(file.with_suffix(".1"))
        program.signal(signal.SIGUSR1)
        eventually(file.exists)
    path.visitor.visit(target="/second")
    for program, file in ((path.daemon, files["daemon"]), (path.relay, files["relay"])):
        (line,) = lines(file, 1)
        assert json.loads(line)["target"] == "/second"
        assert len(lines(file.with_suffix(".1"), 1)) == 1
        assert program.is_running


def test_a_reload_moves_the_log(fpw_relay, fpwd, upstream, tmp_path):
    relay = fpw_relay()
    table = {"relay": relay.url, "upstream": upstream.url, "workers": 1, "max_workers": 1}
    before, after = tmp_path / "before.log", tmp_path / "after.log"
    daemon = fpwd(tunnels={"demo": table}, daemon={"access_log": str(before)})
    daemon.wait_until_ready()
    relay.visitor().visit(target="/one")
    (line,) = lines(before, 1)
    assert "/one" in line
    daemon._daemon["access_log"] = str(after)
    daemon.reload({"demo": table})
    daemon.wait_for_line("reloaded", "unchanged=1")
    relay.visitor().visit(target="/two")
    (line,) = lines(after, 1)
    assert "/two" in line
    assert len(lines(before, 1)) == 1


def test_a_full_disk_loses_lines_and_no_visit(tunnel, upstream):
    path = tunnel(upstream, workers=2, daemon={"access_log": "/dev/full"}, relay={"access_log": "/dev/full"})
    assert [path.visitor.visit().status for _ in range(50)] == [200] * 50
    for program in (path.daemon, path.relay):
        assert "No space left on device" in program.wait_for_line("lines of the access log are lost")
    eventually(lambda: path.daemon.metric("fpwd_log_dropped_total") == 50)
    assert len(path.daemon.lines_with("lines of the access log are lost")) == 1


def test_a_folder_that_goes_away_is_said_and_costs_no_visit(tunnel, upstream, tmp_path):
    folder = tmp_path / "logs"
    folder.mkdir()
    path = tunnel(upstream, workers=1, daemon={"access_log": str(folder / "access.log")})
    eventually((folder / "access.log").exists)
    folder.rename(tmp_path / "elsewhere")
    path.daemon.signal(signal.SIGUSR1)
    assert "No such file or directory" in path.daemon.wait_for_line("lines of the access log are lost")
    assert path.visitor.visit().status == 200
