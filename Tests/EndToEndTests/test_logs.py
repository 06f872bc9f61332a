"""What both programs write about a visit: one line each, for people or machines, and never a secret."""

import json
import re

import pytest

from harness.programs import HOST, TOKEN

BODY = b"body-of-the-visitor"
VISIT = {"method": "POST", "target": "/echo?q=1", "fields": [("X-Own", "x" * 100), ("Cookie", "secret-cookie")]}


def record(line: str) -> dict[str, object]:
    assert line.startswith("{"), line
    return json.loads(line)


@pytest.fixture
def both(tunnel, upstream):
    style = {"log_format": "json", "log_query": True}
    path = tunnel(upstream, workers=1, daemon=style, relay=style)
    path.visitor.visit(**VISIT, body=BODY)
    return path


def test_each_programs_line_tells_the_visits_facts(both):
    facts = {"level": "info", "message": "visit", "address": "127.0.0.1", "method": "POST", "target": "/echo?q=1"}
    facts |= {"status": 200, "received": len(BODY)}
    lines = {name: record(getattr(both, name).wait_for_line('"visit"')) for name in ("daemon", "relay")}
    for line in lines.values():
        assert line | facts == line
        assert re.fullmatch(r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", line["time"])
    assert lines["daemon"]["tunnel"] == "demo"
    assert lines["relay"]["host"] == HOST
    assert 0 < lines["daemon"]["upstream_ms"] <= lines["daemon"]["took_ms"]
    assert lines["daemon"]["sent"] == lines["relay"]["sent"] > 100


def test_every_line_is_an_object(both):
    for program in (both.daemon, both.relay):
        program.stop()
        assert len([record(line) for line in program.lines]) >= 3


def test_no_line_holds_a_secret(both):
    for program in (both.daemon, both.relay):
        program.stop()
        for secret in (TOKEN, "secret-cookie", "body-of-the-visitor", "x" * 100):
            assert secret not in program.text


@pytest.mark.parametrize(
    ("style", "quoted"), [("text", r'target="/echo?\"a\"=b"'), ("json", r'"target":"/echo?\"a\"=b"')]
)
def test_what_a_visitor_or_a_relay_writes_stays_in_its_place(fpwd, relay_part, upstream, style, quoted):
    program = fpwd(relay_part, upstream, workers=1, daemon={"log_format": style, "log_query": True})
    relay_part.visit(target='/echo?"a"=b', fpw_uip="6.6.6.6 method=BREW \x1b[31m")
    line = program.wait_for_line("/echo")
    assert quoted in line
    assert "BREW" not in line and "\x1b" not in line
